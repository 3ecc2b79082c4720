/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/convert.h: shapes, values, batches, memory for output. */
#include "spdl/convert.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

/* Frames of a PPM picture or a WAV, whose values are known. */
static spdl_frames *make_picture(int width, int height, const char *filter_desc) {
  media_bytes file = media_make_ppm(width, height);
  spdl_source *source = media_open_bytes(&file, 900);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_IMAGE);
  spdl_frames *frames = media_decode(packets, filter_desc);
  spdl_packets_free(packets);
  spdl_source_free(source);
  check_tag_released(900);
  media_free(&file);
  return frames;
}

static spdl_frames *make_sound(int num_samples, const char *filter_desc) {
  media_bytes file = media_make_wav(8000, 2, num_samples);
  spdl_source *source = media_open_bytes(&file, 901);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_AUDIO);
  spdl_frames *frames = media_decode(packets, filter_desc);
  spdl_packets_free(packets);
  spdl_source_free(source);
  check_tag_released(901);
  media_free(&file);
  return frames;
}

/* The table of spdl/convert.h for a picture of 12 x 8. */
static void picture_formats(void) {
  static const struct {
    const char *format;
    int64_t shape[3];
    int item_size; /* 0: 1 */
    const char *native;
  } rows[] = {{"rgb24", {8, 12, 3}, 0, NULL},     {"rgba", {8, 12, 4}, 0, NULL},
              {"gray", {8, 12, 1}, 0, NULL},      {"yuv444p", {3, 8, 12}, 0, NULL},
              {"yuvj444p", {3, 8, 12}, 0, NULL},  {"yuv422p", {1, 16, 12}, 0, NULL},
              {"yuvj422p", {1, 16, 12}, 0, NULL}, {"yuv420p", {1, 12, 12}, 0, NULL},
              {"yuvj420p", {1, 12, 12}, 0, NULL}, {"nv12", {1, 12, 12}, 0, NULL},
              {"bgr24", {8, 12, 3}, 0, NULL},     {"yuv440p", {1, 16, 12}, 0, NULL},
              {"yuv411p", {1, 12, 12}, 0, NULL},  {"yuv410p", {1, 9, 12}, 0, NULL},
              {"nv24", {1, 24, 12}, 0, NULL},     {"yuyv422", {8, 12, 2}, 0, NULL},
              {"gbrp", {3, 8, 12}, 0, NULL},      {"gray16be", {1, 8, 12}, 2, "gray16le"},
              {"rgb48le", {8, 12, 3}, 2, NULL},   {"p010le", {1, 12, 12}, 2, NULL}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    char filter_desc[64];
    snprintf(filter_desc, sizeof(filter_desc), "format=%s", rows[i].format);
    spdl_frames *frames = make_picture(12, 8, filter_desc);
    spdl_buffer *buffer = media_convert(frames);
    const spdl_buffer_info info = media_buffer_info(buffer);
    const int item_size = rows[i].item_size ? rows[i].item_size : 1;
    CHECK_STRING(info.format, rows[i].native ? rows[i].native : rows[i].format);
    CHECK_STRING(info.typestr, item_size == 1 ? "|u1" : "<u2");
    CHECK_EQ(info.item_size, item_size);
    media_check_shape(buffer, 3, rows[i].shape);
    CHECK_EQ(info.size, rows[i].shape[0] * rows[i].shape[1] * rows[i].shape[2] * item_size);
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
  }
}

static void sample_formats(void) {
  static const struct {
    const char *format;
    const char *typestr;
    uint32_t item_size;
    int is_planar;
  } rows[] = {{"u8", "|u1", 1, 0},   {"u8p", "|u1", 1, 1},  {"s16", "<i2", 2, 0},
              {"s16p", "<i2", 2, 1}, {"s32", "<i4", 4, 0},  {"s32p", "<i4", 4, 1},
              {"s64", "<i8", 8, 0},  {"s64p", "<i8", 8, 1}, {"flt", "<f4", 4, 0},
              {"fltp", "<f4", 4, 1}, {"dbl", "<f8", 8, 0},  {"dblp", "<f8", 8, 1}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    char filter_desc[64];
    snprintf(filter_desc, sizeof(filter_desc), "aformat=sample_fmts=%s", rows[i].format);
    spdl_frames *frames = make_sound(3000, filter_desc);
    spdl_buffer *buffer = media_convert(frames);
    const spdl_buffer_info info = media_buffer_info(buffer);
    CHECK_STRING(info.format, rows[i].format);
    CHECK_STRING(info.typestr, rows[i].typestr);
    CHECK_EQ(info.item_size, rows[i].item_size);
    CHECK_EQ(info.sample_rate, 8000);
    CHECK_EQ(info.size, 3000 * 2 * rows[i].item_size);
    if (rows[i].is_planar)
      MEDIA_CHECK_SHAPE(buffer, 2, 3000);
    else
      MEDIA_CHECK_SHAPE(buffer, 3000, 2);
    if (strncmp(rows[i].format, "s16", 3) == 0) /* Several blocks are one row. */
      for (int k = 0; k < 3000; ++k)
        for (int channel = 0; channel < 2; ++channel)
          CHECK_EQ(((const int16_t *)
                        info.data)[rows[i].is_planar ? channel * 3000 + k : k * 2 + channel],
                   media_sample(k, channel));
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
  }
}

/* Rows have no gaps, whatever FFmpeg puts between them. */
static void picture_values(void) {
  static const int widths[] = {1, 2, 3, 17, 33, 64};
  for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); ++i) {
    spdl_frames *frames = make_picture(widths[i], 5, NULL);
    spdl_buffer *buffer = media_convert(frames);
    MEDIA_CHECK_SHAPE(buffer, 5, widths[i], 3);
    const unsigned char *pixel = media_buffer_info(buffer).data;
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < widths[i]; ++x, pixel += 3)
        CHECK(pixel[0] == x && pixel[1] == y && pixel[2] == (x ^ y));
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
  }
}

static void flipped_values(void) {
  spdl_frames *frames = make_picture(20, 5, "hflip,vflip,format=rgb24");
  spdl_buffer *buffer = media_convert(frames);
  const unsigned char *pixel = media_buffer_info(buffer).data;
  for (int y = 4; y >= 0; --y)
    for (int x = 19; x >= 0; --x, pixel += 3)
      CHECK(pixel[0] == x && pixel[1] == y && pixel[2] == (x ^ y));
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
}

/* The planes Y, U, V one after another. */
static void planes(void) {
  spdl_frames *frames = make_picture(4, 2, "format=yuv444p,geq=lum=10+X:cb=100+X:cr=200+X");
  spdl_buffer *buffer = media_convert(frames);
  const unsigned char *data = media_buffer_info(buffer).data;
  static const unsigned char base[3] = {10, 100, 200};
  for (int i = 0; i < 24; ++i) CHECK_EQ(data[i], base[i / 8] + i % 4);
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
  frames = make_picture(4, 2, "format=yuv420p,geq=lum=10+X:cb=100+X:cr=200+X");
  buffer = media_convert(frames);
  data = media_buffer_info(buffer).data;
  static const unsigned char expected[12] = {10, 11, 12, 13, 10, 11, 12, 13, 100, 101, 200, 201};
  CHECK_BYTES(data, expected, sizeof(expected));
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
}

static spdl_status convert(spdl_frames *first, spdl_frames *second, spdl_buffer **out_buffer,
                           spdl_error *err) {
  const spdl_frames *items[] = {first, second};
  const spdl_convert_options options = {.struct_size = sizeof(options),
                                        .flags = SPDL_CONVERT_BATCH};
  return spdl_frames_convert(items, second ? 2 : 1, &options, NULL, out_buffer, err);
}

static void batches(void) {
  spdl_frames *frames[2] = {make_picture(6, 4, NULL), make_picture(6, 4, "hflip")};
  spdl_buffer *single[2] = {media_convert(frames[0]), media_convert(frames[1])};
  spdl_buffer *buffer = NULL;
  CHECK_OK(convert(frames[0], NULL, &buffer, ERR));
  MEDIA_CHECK_SHAPE(buffer, 1, 4, 6, 3);
  spdl_buffer_free(buffer);
  CHECK_OK(convert(frames[0], frames[1], &buffer, ERR));
  MEDIA_CHECK_SHAPE(buffer, 2, 4, 6, 3);
  const unsigned char *data = media_buffer_info(buffer).data;
  for (int i = 0; i < 2; ++i) CHECK_BYTES(data + i * 72, media_buffer_info(single[i]).data, 72);
  spdl_buffer_free(buffer);
  for (int i = 0; i < 2; ++i) {
    spdl_buffer_free(single[i]);
    spdl_frames_free(frames[i]);
  }
}

static void batches_of_sound_and_video(void) {
  spdl_frames *sound = make_sound(400, NULL);
  spdl_buffer *buffer = NULL;
  CHECK_OK(convert(sound, sound, &buffer, ERR));
  MEDIA_CHECK_SHAPE(buffer, 2, 2, 400);
  spdl_buffer_free(buffer);
  spdl_frames_free(sound);
  spdl_source *source = media_open(PICTURES_NUT);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_VIDEO);
  spdl_frames *video = media_decode(packets, NULL);
  buffer = media_convert(video);
  MEDIA_CHECK_SHAPE(buffer, 5, 24, 32, 3);
  spdl_buffer_free(buffer);
  CHECK_OK(convert(video, video, &buffer, ERR));
  MEDIA_CHECK_SHAPE(buffer, 2, 5, 24, 32, 3);
  spdl_buffer_free(buffer);
  spdl_frames_free(video);
  spdl_packets_free(packets);
  spdl_source_free(source);
}

static void mixed_items(void) {
  spdl_frames *first = make_picture(6, 4, NULL);
  spdl_frames *others[] = {make_picture(8, 4, NULL), make_picture(6, 2, NULL),
                           make_picture(6, 4, "format=gray"), make_sound(100, NULL)};
  spdl_buffer *buffer = NULL;
  for (int i = 0; i < 4; ++i) {
    CHECK_STATUS(SPDL_E_MISMATCH, convert(first, others[i], &buffer, ERR));
    CHECK_EQ(check_last_error()->item, 1);
    CHECK(buffer == NULL);
    spdl_frames_free(others[i]);
  }
  spdl_frames_free(first);
  first = make_sound(100, NULL);
  spdl_frames *longer = make_sound(101, NULL), *packed = make_sound(100, "aformat=flt"),
              *mono = make_sound(100, "aformat=channel_layouts=mono");
  CHECK_STATUS(SPDL_E_MISMATCH, convert(first, longer, &buffer, ERR));
  CHECK_STATUS(SPDL_E_MISMATCH, convert(first, packed, &buffer, ERR));
  CHECK_STATUS(SPDL_E_MISMATCH, convert(first, mono, &buffer, ERR));
  spdl_frames_free(first);
  spdl_frames_free(longer);
  spdl_frames_free(packed);
  spdl_frames_free(mono);
}

static void odd_sizes(void) {
  static const struct {
    int width, height;
    const char *filter_desc;
    spdl_status status;
  } rows[] = {{7, 4, "format=yuv420p", SPDL_E_MISMATCH}, {8, 5, "format=yuv420p", SPDL_E_MISMATCH},
              {7, 4, "format=yuv422p", SPDL_E_MISMATCH}, {8, 5, "format=yuv422p", SPDL_OK},
              {7, 5, "format=nv12", SPDL_E_MISMATCH},    {7, 5, "format=yuv444p", SPDL_OK}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_frames *frames = make_picture(rows[i].width, rows[i].height, rows[i].filter_desc);
    spdl_buffer *buffer = NULL;
    CHECK_STATUS(rows[i].status, convert(frames, NULL, &buffer, ERR));
    if (rows[i].status != SPDL_OK)
      CHECK(strstr(check_last_error()->message, "rgb24") &&
            strstr(check_last_error()->message, "yuv444p"));
    spdl_buffer_free(buffer);
    spdl_frames_free(frames);
  }
}

/* Big-endian formats give the same values as the others. */
static void byte_order(void) {
  spdl_frames *frames[2] = {make_picture(5, 4, "format=rgb48be"),
                            make_picture(5, 4, "format=rgb48le")};
  spdl_buffer *big = media_convert(frames[0]), *little = media_convert(frames[1]);
  const spdl_buffer_info ours = media_buffer_info(big), same = media_buffer_info(little);
  CHECK_STRING(ours.format, "rgb48le");
  CHECK_EQ(ours.size, same.size);
  CHECK_BYTES(ours.data, same.data, same.size);
  for (int i = 0; i < 2; ++i) spdl_frames_free(frames[i]);
  spdl_buffer_free(big);
  spdl_buffer_free(little);
}

static void unsupported_format(void) {
  spdl_frames *frames = make_picture(8, 8, "format=monow");
  spdl_buffer *buffer = NULL;
  CHECK_ERROR(SPDL_E_UNSUPPORTED, "Unsupported pixel format: monow",
              convert(frames, NULL, &buffer, ERR));
  CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_CONVERT);
  spdl_frames_free(frames);
}

static void nothing_to_convert(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  const spdl_window window = {
      .struct_size = sizeof(window), .flags = SPDL_WINDOW_START, .start = {50, 1}};
  spdl_packets *packets = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_demux(source, SPDL_MEDIA_VIDEO, &window, NULL, NULL, &packets, ERR));
  spdl_frames *frames = media_decode(packets, NULL);
  CHECK_STATUS(SPDL_E_MISMATCH, convert(frames, NULL, &buffer, ERR));
  spdl_frames_free(frames);
  spdl_packets_free(packets);
  spdl_source_free(source);
}

/* ---- memory for output ---- */

static spdl_status convert_into(const spdl_frames *frames, void *data, size_t size, uint32_t flags,
                                spdl_buffer **out_buffer, spdl_error *err) {
  spdl_memory *memory = NULL;
  CHECK_OK(spdl_memory_borrow(data, size, flags, 5, &memory, ERR));
  const spdl_convert_options options = {.struct_size = sizeof(options), .out = memory};
  if (err) err = ERR;
  const spdl_status status = spdl_frames_convert(&frames, 1, &options, NULL, out_buffer, err);
  spdl_memory_free(memory);
  return status;
}

static void output_sizes(void) {
  unsigned char array[6 * 4 * 3 + 1];
  const size_t right = 6 * 4 * 3;
  spdl_frames *frames = make_picture(6, 4, NULL);
  spdl_buffer *own = media_convert(frames), *buffer = NULL;
  static const size_t wrong[] = {0, 1, 71, 73};
  for (int i = 0; i < 4; ++i) {
    CHECK_STATUS(SPDL_E_MISMATCH,
                 convert_into(frames, array, wrong[i], SPDL_MEMORY_WRITABLE, &buffer, ERR));
    CHECK(buffer == NULL);
    check_tag_released(5);
  }
  CHECK_STATUS(SPDL_E_INVALID, convert_into(frames, array, right, 0, &buffer, ERR));
  check_tag_released(5);
  CHECK_OK(convert_into(frames, array, right, SPDL_MEMORY_WRITABLE, &buffer, ERR));
  CHECK(media_buffer_info(buffer).data == array);
  media_check_equal(buffer, own);
  check_no_tag_released();
  spdl_buffer_free(buffer);
  check_tag_released(5);
  /* Memory of any alignment will do. */
  CHECK_OK(convert_into(frames, array + 1, right, SPDL_MEMORY_WRITABLE, &buffer, ERR));
  media_check_equal(buffer, own);
  spdl_buffer_free(buffer);
  check_tag_released(5);
  spdl_buffer_free(own);
  spdl_frames_free(frames);
}

static void submitted(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_frames *frames = make_picture(6, 4, NULL);
  spdl_buffer *own = media_convert(frames);
  const spdl_frames *item = frames;
  CHECK_OK(spdl_frames_convert_submit(queue, 1, &item, 1, NULL, NULL, ERR));
  item = NULL; /* The list is read during the call. */
  spdl_frames_free(frames);
  const job_end end = job_collect(queue);
  CHECK_EQ(end.completion.kind, SPDL_KIND_BUFFER);
  media_check_equal(end.completion.result, own);
  job_check_end(&end, 1, SPDL_OK);
  spdl_buffer_free(own);
  spdl_queue_free(queue);
}

CHECK_MAIN(CHECK_TEST(picture_formats), CHECK_TEST(sample_formats), CHECK_TEST(picture_values),
           CHECK_TEST(flipped_values), CHECK_TEST(planes), CHECK_TEST(batches),
           CHECK_TEST(batches_of_sound_and_video), CHECK_TEST(mixed_items), CHECK_TEST(odd_sizes),
           CHECK_TEST(byte_order), CHECK_TEST(unsupported_format), CHECK_TEST(nothing_to_convert),
           CHECK_TEST(output_sizes), CHECK_TEST(submitted))
