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

CHECK_MAIN(CHECK_TEST(info_of_a_video), CHECK_TEST(info_of_a_window), CHECK_TEST(info_of_a_picture),
           CHECK_TEST(timestamps), CHECK_TEST(timestamps_in_a_window),
           CHECK_TEST(timestamps_with_little_room), CHECK_TEST(codec_of_a_video),
           CHECK_TEST(codec_of_sound), CHECK_TEST(codec_of_a_wav), CHECK_TEST(codec_of_pictures))
