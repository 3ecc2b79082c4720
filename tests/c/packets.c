/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/packets.h: what packets and codecs say about themselves. */
#include "spdl/packets.h"

#include "check.h"
#include "media.h"

static spdl_packets_info info_of(const spdl_packets *packets) {
  spdl_packets_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_packets_get_info(packets, &info, ERR));
  return info;
}

static spdl_packets *demux_file(const char *name, int32_t media, const spdl_window *window) {
  spdl_source *source = media_open(name);
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_source_demux(source, media, window, NULL, NULL, &packets, ERR));
  spdl_source_free(source);
  return packets;
}

static void info_of_a_video(void) {
  spdl_packets *packets = demux_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  const spdl_packets_info info = info_of(packets);
  CHECK_EQ(info.media, SPDL_MEDIA_VIDEO);
  CHECK_STRING(info.source, media_path(VIDEO_MP4));
  CHECK_EQ(info.stream_index, 0);
  CHECK_EQ(info.num_packets, 50);
  CHECK_EQ(info.num_in_window, 50);
  CHECK_EQ(info.window_flags, 0);
  CHECK(info.num_bytes > 5000 && info.num_bytes < 49616);
  spdl_packets_free(packets);
}

/* 25 Hz with a single key frame: the packets from the beginning on are needed to decode 0.5 s. */
static void info_of_a_window(void) {
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = {1, 2},
                              .end = {2, 2}};
  spdl_packets *packets = demux_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, &window);
  const spdl_packets_info info = info_of(packets);
  CHECK_EQ(info.num_in_window, 12);
  CHECK(info.num_packets >= 25 && info.num_packets <= 32);
  CHECK_EQ(info.window_flags, SPDL_WINDOW_START | SPDL_WINDOW_END);
  CHECK(info.window_start.num == 1 && info.window_start.den == 2);
  CHECK_EQ(info.window_end.num, info.window_end.den);
  spdl_packets_free(packets);
}

static void info_of_a_picture(void) {
  spdl_packets *packets = demux_file(PICTURE_JPG, SPDL_MEDIA_IMAGE, NULL);
  const spdl_packets_info info = info_of(packets);
  media_bytes file = media_read(PICTURE_JPG);
  CHECK_EQ(info.media, SPDL_MEDIA_IMAGE);
  CHECK_EQ(info.num_packets, 1);
  CHECK(info.stream_index == -1 || info.stream_index == 0);
  CHECK_EQ(info.num_bytes, file.size);
  media_free(&file);
  spdl_packets_free(packets);
}

static void timestamps(void) {
  spdl_packets *packets = demux_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  double sorted[60], raw[60];
  size_t num = 0;
  CHECK_OK(spdl_packets_get_timestamps(packets, 0, sorted, 60, &num, ERR));
  CHECK_EQ(num, 50);
  for (size_t i = 0; i < num; ++i) CHECK_CLOSE(sorted[i], (double)i / 25, 1e-9);
  CHECK_OK(spdl_packets_get_timestamps(packets, SPDL_TIMESTAMPS_RAW, raw, 60, &num, ERR));
  CHECK_EQ(num, 50);
  int num_steps_back = 0;
  double sum = 0;
  for (size_t i = 0; i < num; ++i) {
    if (i && raw[i] < raw[i - 1]) ++num_steps_back;
    sum += raw[i];
  }
  CHECK(num_steps_back > 0); /* There are B-frames. */
  CHECK_CLOSE(sum, 49.0 * 50 / 2 / 25, 1e-6);
  spdl_packets_free(packets);
}

static void timestamps_in_a_window(void) {
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = {13, 25},
                              .end = {20, 25}};
  spdl_packets *packets = demux_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, &window);
  double sorted[10], raw[60];
  size_t num = 0;
  CHECK_OK(spdl_packets_get_timestamps(packets, 0, sorted, 10, &num, ERR));
  CHECK_EQ(num, 7);
  for (size_t i = 0; i < num; ++i) CHECK_CLOSE(sorted[i], (double)(13 + i) / 25, 1e-9);
  CHECK_OK(spdl_packets_get_timestamps(packets, SPDL_TIMESTAMPS_RAW, raw, 60, &num, ERR));
  CHECK_EQ(num, info_of(packets).num_packets);
  CHECK_CLOSE(raw[0], 0.0, 1e-9);
  spdl_packets_free(packets);
}

/* `out_num` says how many there are; no more are written than there is room for. */
static void timestamps_with_little_room(void) {
  spdl_packets *packets = demux_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  double some[4] = {-1, -1, -1, -1};
  size_t num = 0;
  CHECK_OK(spdl_packets_get_timestamps(packets, 0, NULL, 0, &num, ERR));
  CHECK_EQ(num, 50);
  CHECK_OK(spdl_packets_get_timestamps(packets, 0, some, 3, &num, ERR));
  CHECK_EQ(num, 50);
  CHECK_CLOSE(some[2], 2.0 / 25, 1e-9);
  CHECK_CLOSE(some[3], -1.0, 0);
  spdl_packets_free(packets);
}

/* ---- codecs ---- */

static spdl_codec_info codec_of(const spdl_packets *packets, spdl_codec **out_codec) {
  spdl_codec_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_packets_get_codec(packets, out_codec, ERR));
  CHECK_OK(spdl_codec_get_info(*out_codec, &info, ERR));
  return info;
}

static void codec_of_a_video(void) {
  spdl_packets *packets = demux_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, NULL);
  spdl_codec *codec = NULL;
  const spdl_codec_info info = codec_of(packets, &codec);
  spdl_packets_free(packets); /* The strings live as long as the codec's handle. */
  CHECK_EQ(info.media, SPDL_MEDIA_VIDEO);
  CHECK_STRING(info.name, "h264");
  CHECK_STRING(info.format, "yuv420p");
  CHECK_STRING(info.channel_layout, "");
  CHECK_EQ(info.width, 160);
  CHECK_EQ(info.height, 120);
  CHECK_EQ(info.sample_rate, 0);
  CHECK_EQ(info.num_channels, 0);
  CHECK(info.bit_rate > 0);
  CHECK_EQ(info.frame_rate.num, 25 * info.frame_rate.den);
  CHECK(info.time_base.num > 0 && info.time_base.den >= 25);
  CHECK_EQ(info.sample_aspect_ratio.num, info.sample_aspect_ratio.den);
  spdl_codec_free(codec);
}

static void codec_of_sound(void) {
  spdl_packets *packets = demux_file(TONE_M4A, SPDL_MEDIA_AUDIO, NULL);
  spdl_codec *codec = NULL;
  const spdl_codec_info info = codec_of(packets, &codec);
  CHECK_EQ(info.media, SPDL_MEDIA_AUDIO);
  CHECK_STRING(info.name, "aac");
  CHECK_STRING(info.format, "fltp");
  CHECK_STRING(info.channel_layout, "stereo");
  CHECK_EQ(info.sample_rate, 48000);
  CHECK_EQ(info.num_channels, 2);
  CHECK_EQ(info.width, 0);
  CHECK_EQ(info.height, 0);
  CHECK(info.bit_rate > 0);
  CHECK(info.frame_rate.num == 0 && info.frame_rate.den == 1);
  CHECK(info.sample_aspect_ratio.num == 0 && info.sample_aspect_ratio.den == 1);
  CHECK(info.time_base.num == 1 && info.time_base.den == 48000);
  spdl_codec_free(codec);
  spdl_packets_free(packets);
}

static void codec_of_a_wav(void) {
  media_bytes sound = media_make_wav(8000, 1, 800);
  spdl_source *source = media_open_bytes(&sound, 1);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_AUDIO);
  spdl_codec *codec = NULL;
  const spdl_codec_info info = codec_of(packets, &codec);
  CHECK_STRING(info.name, "pcm_s16le");
  CHECK_STRING(info.format, "s16");
  CHECK_EQ(info.num_channels, 1);
  CHECK_EQ(info.bits_per_sample, 16);
  CHECK_EQ(info.bit_rate, 8000 * 16);
  spdl_codec_free(codec);
  spdl_packets_free(packets);
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&sound);
}

static void codec_of_pictures(void) {
  static const char *const rows[][3] = {{PICTURE_JPG, "mjpeg", "yuvj420p"},
                                        {PICTURE_PNG, "png", "rgb24"}};
  for (int i = 0; i < 2; ++i) {
    spdl_packets *packets = demux_file(rows[i][0], SPDL_MEDIA_IMAGE, NULL);
    spdl_codec *codec = NULL;
    const spdl_codec_info info = codec_of(packets, &codec);
    CHECK_EQ(info.media, SPDL_MEDIA_IMAGE);
    CHECK_STRING(info.name, rows[i][1]);
    CHECK_STRING(info.format, rows[i][2]);
    CHECK_EQ(info.width, PICTURE_WIDTH);
    CHECK_EQ(info.height, PICTURE_HEIGHT);
    spdl_codec_free(codec);
    spdl_packets_free(packets);
  }
}

/* ---- bytes ---- */

/* The memory of a buffer, lent under tag 7. */
static spdl_memory *lend(const spdl_buffer *buffer, size_t size) {
  spdl_memory *memory = NULL;
  CHECK_OK(spdl_memory_borrow(media_buffer_info(buffer).data, size, 0, 7, &memory, ERR));
  return memory;
}

static spdl_buffer *serialize(const spdl_packets *packets) {
  spdl_buffer *bytes = NULL;
  CHECK_OK(spdl_packets_serialize(packets, &bytes, ERR));
  const spdl_buffer_info info = media_buffer_info(bytes);
  CHECK_EQ(info.num_dims, 1);
  CHECK_EQ(info.shape[0], info.size);
  CHECK_STRING(info.typestr, "|u1");
  return bytes;
}

static void same_when_decoded(const spdl_packets *a, const spdl_packets *b) {
  spdl_frames *frames[] = {media_decode(a, NULL), media_decode(b, NULL)};
  spdl_buffer *buffers[] = {media_convert(frames[0]), media_convert(frames[1])};
  media_check_equal(buffers[0], buffers[1]);
  for (int i = 0; i < 2; ++i) {
    spdl_frames_free(frames[i]);
    spdl_buffer_free(buffers[i]);
  }
}

static void serialized_and_back(void) {
  static const struct {
    const char *name;
    int32_t media;
  } rows[] = {{PICTURE_JPG, SPDL_MEDIA_IMAGE}, {PICTURE_PNG, SPDL_MEDIA_IMAGE},
              {VIDEO_MP4, SPDL_MEDIA_VIDEO},   {RAW_NUT, SPDL_MEDIA_VIDEO},
              {TONE_M4A, SPDL_MEDIA_AUDIO},    {VIDEO_MP4, SPDL_MEDIA_AUDIO}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_packets *packets = demux_file(rows[i].name, rows[i].media, NULL), *again = NULL;
    spdl_buffer *bytes = serialize(packets);
    spdl_memory *memory = lend(bytes, media_buffer_info(bytes).size);
    CHECK_OK(spdl_packets_deserialize(memory, SPDL_MEDIA_NONE, SPDL_DESERIALIZE_COPY, &again, ERR));
    spdl_memory_free(memory);
    check_tag_released(7);
    spdl_buffer_free(bytes);
    const spdl_packets_info a = info_of(packets), b = info_of(again);
    CHECK_STRING(a.source, b.source);
    CHECK(a.media == b.media && a.stream_index == b.stream_index);
    CHECK(a.num_packets == b.num_packets && a.num_bytes == b.num_bytes);
    same_when_decoded(packets, again);
    spdl_packets_free(packets);
    spdl_packets_free(again);
  }
}

static void serialized_window(void) {
  const spdl_window window = {.struct_size = sizeof(window),
                              .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                              .start = {1, 3},
                              .end = {2, 3}};
  spdl_packets *packets = demux_file(VIDEO_MP4, SPDL_MEDIA_VIDEO, &window), *again = NULL;
  spdl_buffer *bytes = serialize(packets);
  spdl_memory *memory = lend(bytes, media_buffer_info(bytes).size);
  CHECK_OK(spdl_packets_deserialize(memory, SPDL_MEDIA_VIDEO, 0, &again, ERR));
  const spdl_packets_info info = info_of(again);
  CHECK_EQ(info.window_flags, SPDL_WINDOW_START | SPDL_WINDOW_END);
  CHECK(info.window_start.num == 1 && info.window_start.den == 3);
  CHECK(info.window_end.num == 2 && info.window_end.den == 3);
  CHECK_EQ(info.num_in_window, info_of(packets).num_in_window);
  same_when_decoded(packets, again);
  spdl_memory_free(memory);
  check_no_tag_released(); /* Without a copy the packets need it. */
  spdl_packets_free(packets);
  spdl_packets_free(again);
  check_tag_released(7);
  spdl_buffer_free(bytes);
}

static void bytes_of_another_kind(void) {
  spdl_packets *packets = demux_file(PICTURE_PNG, SPDL_MEDIA_IMAGE, NULL), *again = NULL;
  spdl_buffer *bytes = serialize(packets);
  spdl_memory *memory = lend(bytes, media_buffer_info(bytes).size);
  CHECK_ERROR(SPDL_E_MISMATCH, "another kind",
              spdl_packets_deserialize(memory, SPDL_MEDIA_VIDEO, 0, &again, ERR));
  spdl_memory_free(memory);
  check_tag_released(7);
  CHECK(again == NULL);
  spdl_buffer_free(bytes);
  spdl_packets_free(packets);
}

/* Every shorter part of the bytes, and each byte of the head turned over. What can still be read is
 * decoded: it may fail. */
static void damaged_bytes(void) {
  spdl_packets *packets = demux_file(PICTURE_JPG, SPDL_MEDIA_IMAGE, NULL), *again = NULL;
  spdl_buffer *bytes = serialize(packets);
  const size_t size = media_buffer_info(bytes).size;
  unsigned char *data = media_buffer_info(bytes).data;
  spdl_memory *memory = NULL;
  for (size_t part = 0; part < size; ++part) {
    memory = lend(bytes, part);
    CHECK_ERROR(SPDL_E_CORRUPT, "Failed to deserialize packets: ",
                spdl_packets_deserialize(memory, 0, 0, &again, ERR));
    spdl_memory_free(memory);
    check_tag_released(7);
  }
  int num_read = 0;
  for (size_t at = 0; at < 512 && at < size; ++at) {
    data[at] ^= 0xff;
    memory = lend(bytes, size);
    const spdl_status status = spdl_packets_deserialize(memory, 0, 0, &again, ERR);
    if (status == SPDL_OK) {
      spdl_frames *frames = NULL;
      spdl_packets_decode(again, NULL, NULL, &frames, ERR);
      spdl_frames_free(frames);
      spdl_packets_free(again);
      ++num_read;
    } else {
      CHECK(status == SPDL_E_CORRUPT || status == SPDL_E_MISMATCH);
    }
    spdl_memory_free(memory);
    check_tag_released(7);
    data[at] ^= 0xff;
  }
  CHECK(num_read > 10 && num_read < 500);
  spdl_buffer_free(bytes);
  spdl_packets_free(packets);
}

CHECK_MAIN(CHECK_TEST(serialized_and_back), CHECK_TEST(serialized_window),
           CHECK_TEST(bytes_of_another_kind), CHECK_TEST(damaged_bytes),
           CHECK_TEST(info_of_a_video), CHECK_TEST(info_of_a_window), CHECK_TEST(info_of_a_picture),
           CHECK_TEST(timestamps), CHECK_TEST(timestamps_in_a_window),
           CHECK_TEST(timestamps_with_little_room), CHECK_TEST(codec_of_a_video),
           CHECK_TEST(codec_of_sound), CHECK_TEST(codec_of_a_wav), CHECK_TEST(codec_of_pictures))
