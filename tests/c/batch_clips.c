/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/load.h: batches of video and audio, with windows of time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

enum { FRAME = 160 * 120 * 3, MAX_ITEMS = 8 };

#define WINDOW(from, to)                         \
  {.struct_size = sizeof(spdl_window),           \
   .flags = SPDL_WINDOW_START | SPDL_WINDOW_END, \
   .start = {from, 100},                         \
   .end = {to, 100}}

static const spdl_decode_options as_rgb = {.struct_size = sizeof(as_rgb),
                                           .filter = SPDL_FILTER_CUSTOM,
                                           .filter_desc = "format=pix_fmts=rgb24"};
static const spdl_batch_options rgb_video = {
    .struct_size = sizeof(rgb_video), .decode = &as_rgb, .media = SPDL_MEDIA_VIDEO};
static const spdl_batch_options samples = {.struct_size = sizeof(samples),
                                           .media = SPDL_MEDIA_AUDIO};

/* As many items of one source as there are windows, or as are said. */
static spdl_status load(const spdl_source *source, uint32_t num_items,
                        const spdl_window *const *windows, uint32_t num_windows,
                        spdl_batch_options options, spdl_batch **out_batch, spdl_error *err) {
  const spdl_source *list[MAX_ITEMS];
  for (uint32_t i = 0; i < num_items; ++i) list[i] = source;
  options.windows = windows;
  options.num_windows = num_windows;
  return spdl_batch_load(list, num_items, &options, NULL, out_batch, err);
}

static spdl_batch_info info_of(const spdl_batch *batch) {
  spdl_batch_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_batch_get_info(batch, &info, ERR));
  return info;
}

static spdl_buffer *take_buffer(spdl_batch *batch) {
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_batch_get_buffer(batch, &buffer, ERR));
  spdl_batch_free(batch);
  return buffer;
}

/* Item `index` of the batch has the bytes and the times of a load of its own. */
static void check_item(const spdl_buffer *batch, uint32_t index, const spdl_source *source,
                       int32_t media, const spdl_window *window,
                       const spdl_decode_options *decode) {
  const spdl_load_options options = {
      .struct_size = sizeof(options), .decode = decode, .window = window};
  spdl_buffer *single = NULL;
  CHECK_OK(spdl_source_load(source, media, &options, NULL, &single, ERR));
  const spdl_buffer_info whole = media_buffer_info(batch), one = media_buffer_info(single);
  CHECK_EQ(whole.num_dims, one.num_dims + 1);
  CHECK_EQ(whole.size, one.size * whole.num_items);
  CHECK_BYTES((const unsigned char *)whole.data + index * one.size, one.data, one.size);
  CHECK_EQ(whole.num_pts, one.num_pts * whole.num_items);
  CHECK_BYTES(whole.pts + index * one.num_pts, one.pts, one.num_pts * sizeof(double));
  CHECK_EQ(whole.item_num_corrupt[index], one.num_corrupt);
  CHECK_EQ(whole.sample_rate, one.sample_rate);
  CHECK_STRING(whole.format, one.format);
  CHECK_STRING(whole.backend, one.backend);
  spdl_buffer_free(single);
}

static void windows_of_a_video(void) {
  static const spdl_window windows[] = {WINDOW(0, 40), WINDOW(100, 140), WINDOW(52, 92),
                                        WINDOW(100, 140)};
  const spdl_window *list[] = {&windows[0], &windows[1], &windows[2], &windows[3]};
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_batch *batch = NULL;
  CHECK_OK(load(source, 4, list, 4, rgb_video, &batch, ERR));
  const spdl_batch_info info = info_of(batch);
  CHECK(info.num_sources == 4 && info.num_loaded == 4);
  spdl_buffer *buffer = take_buffer(batch);
  MEDIA_CHECK_SHAPE(buffer, 4, 10, 120, 160, 3);
  CHECK_EQ(media_buffer_info(buffer).media, SPDL_MEDIA_VIDEO);
  CHECK_EQ(media_buffer_info(buffer).num_items, 4);
  for (uint32_t i = 0; i < 4; ++i)
    check_item(buffer, i, source, SPDL_MEDIA_VIDEO, list[i], &as_rgb);
  CHECK_CLOSE(media_buffer_info(buffer).pts[20], 0.52, 1e-9);
  spdl_buffer_free(buffer);
  /* One window for all, and NULL for everything. */
  CHECK_OK(load(source, 3, list, 1, rgb_video, &batch, ERR));
  buffer = take_buffer(batch);
  for (uint32_t i = 0; i < 3; ++i)
    check_item(buffer, i, source, SPDL_MEDIA_VIDEO, list[0], &as_rgb);
  spdl_buffer_free(buffer);
  static const spdl_window all = {.struct_size = sizeof(all)};
  const spdl_window *nothing[] = {NULL, &all};
  CHECK_OK(load(source, 2, nothing, 2, rgb_video, &batch, ERR));
  buffer = take_buffer(batch);
  MEDIA_CHECK_SHAPE(buffer, 2, 50, 120, 160, 3);
  spdl_buffer_free(buffer);
  spdl_source_free(source);
}

static void windows_of_audio(void) {
  static const spdl_decode_options filters[] = {
      {.struct_size = sizeof(spdl_decode_options)},
      {.struct_size = sizeof(spdl_decode_options),
       .filter = SPDL_FILTER_CUSTOM,
       .filter_desc = "aformat=sample_fmts=s16"},
      {.struct_size = sizeof(spdl_decode_options), .filter = SPDL_FILTER_NONE}};
  static const spdl_window windows[] = {WINDOW(0, 25), WINDOW(50, 75)};
  const spdl_window *list[] = {&windows[0], &windows[1]};
  spdl_source *source = media_open(TONE_M4A);
  for (int i = 0; i < 3; ++i) {
    spdl_batch_options options = samples;
    options.decode = &filters[i];
    spdl_batch *batch = NULL;
    CHECK_OK(load(source, 2, list, 2, options, &batch, ERR));
    spdl_buffer *buffer = take_buffer(batch);
    if (i == 1)
      MEDIA_CHECK_SHAPE(buffer, 2, 12000, 2);
    else
      MEDIA_CHECK_SHAPE(buffer, 2, 2, 12000);
    for (uint32_t k = 0; k < 2; ++k)
      check_item(buffer, k, source, SPDL_MEDIA_AUDIO, list[k], &filters[i]);
    spdl_buffer_free(buffer);
  }
  spdl_source_free(source);
}

/* The reference way: what a size, a mode and a format ask for is what a filter of that text makes.
 */
static void scale_modes(void) {
  static const char *const descs[] = {
      "scale=w=40:h=40:flags=bicubic:force_original_aspect_ratio=decrease,"
      "pad=w=40:h=40:x=-1:y=-1:color=black,format=pix_fmts=rgb24",
      "scale=w=40:h=40:flags=bicubic:force_original_aspect_ratio=increase,crop=w=40:h=40,"
      "format=pix_fmts=rgb24",
      "scale=w=40:h=40:flags=bicubic,format=pix_fmts=rgb24"};
  static const int32_t media[] = {SPDL_MEDIA_IMAGE, SPDL_MEDIA_VIDEO};
  const spdl_decode_options reference = {.struct_size = sizeof(reference),
                                         .flags = SPDL_DECODE_REFERENCE};
  spdl_source *source = media_open(VIDEO_MP4);
  for (uint32_t mode = 0; mode < 3; ++mode)
    for (int i = 0; i < 2; ++i) {
      const spdl_batch_options options = {.struct_size = sizeof(options),
                                          .decode = &reference,
                                          .width = 40,
                                          .height = 40,
                                          .pix_fmt = "rgb24",
                                          .media = media[i],
                                          .scale_mode = mode};
      const spdl_decode_options decode = {
          .struct_size = sizeof(decode), .filter = SPDL_FILTER_CUSTOM, .filter_desc = descs[mode]};
      spdl_batch *batch = NULL;
      CHECK_OK(load(source, 2, NULL, 0, options, &batch, ERR));
      spdl_buffer *buffer = take_buffer(batch);
      for (uint32_t k = 0; k < 2; ++k) check_item(buffer, k, source, media[i], NULL, &decode);
      spdl_buffer_free(buffer);
    }
  spdl_source_free(source);
}

/* One dimension alone, of which the other follows or stays. */
static void one_dimension(void) {
  static const int64_t heights[] = {30, 120, 120};
  spdl_source *source = media_open(VIDEO_MP4);
  for (uint32_t mode = 0; mode < 3; ++mode) {
    const spdl_batch_options options = {
        .struct_size = sizeof(options), .width = 40, .pix_fmt = "rgb24", .scale_mode = mode};
    spdl_batch *batch = NULL;
    CHECK_OK(load(source, 2, NULL, 0, options, &batch, ERR));
    spdl_buffer *buffer = take_buffer(batch);
    MEDIA_CHECK_SHAPE(buffer, 2, heights[mode], 40, 3);
    spdl_buffer_free(buffer);
  }
  spdl_source_free(source);
}

/* ---- failures ---- */

static void check_failure(const spdl_batch *batch, uint32_t nth, int64_t item, spdl_status status,
                          const char *text) {
  spdl_error failure = {.struct_size = sizeof(failure)};
  CHECK_OK(spdl_batch_get_failure(batch, nth, &failure, ERR));
  CHECK_EQ(failure.item, item);
  CHECK_EQ(failure.status, status);
  if (!strstr(failure.message, text)) printf("  %s\n", failure.message);
  CHECK(strstr(failure.message, text) != NULL);
}

/* The first item that does not fail says what all must be, wherever those are that do. */
static void the_first_that_loads_decides(void) {
  static const spdl_window past = WINDOW(900, 1000), empty = WINDOW(50, 50),
                           short_one = WINDOW(0, 20), ten = WINDOW(0, 40),
                           other_ten = WINDOW(40, 80);
  const spdl_window *list[] = {&past, &ten, &short_one, &other_ten, &empty};
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_batch_options options = rgb_video;
  spdl_batch *batch = NULL;
  CHECK_ERROR(SPDL_E_BATCH, "Failed to load some videos. No frame to convert",
              load(source, 5, list, 5, options, &batch, ERR));
  CHECK_EQ(check_last_error()->item, 0);
  options.flags = SPDL_BATCH_SKIP_ERRORS;
  CHECK_OK(load(source, 5, list, 5, options, &batch, ERR));
  const spdl_batch_info info = info_of(batch);
  CHECK(info.num_loaded == 2 && info.num_failed == 3);
  CHECK(info.indices[0] == 1 && info.indices[1] == 3);
  check_failure(batch, 0, 0, SPDL_E_MISMATCH, "nothing is in the window");
  check_failure(batch, 1, 2, SPDL_E_MISMATCH,
                "it is rgb24, 160x120, 5 frames, but item 1 is rgb24, 160x120, 10 frames; give "
                "`num_frames`");
  check_failure(batch, 2, 4, SPDL_E_MISMATCH, "nothing is in the window");
  spdl_buffer *buffer = take_buffer(batch);
  MEDIA_CHECK_SHAPE(buffer, 2, 10, 120, 160, 3);
  check_item(buffer, 0, source, SPDL_MEDIA_VIDEO, &ten, &as_rgb);
  check_item(buffer, 1, source, SPDL_MEDIA_VIDEO, &other_ten, &as_rgb);
  spdl_buffer_free(buffer);
  const spdl_window *all_empty[] = {&past, &empty};
  CHECK_OK(load(source, 2, all_empty, 2, options, &batch, ERR));
  CHECK_EQ(info_of(batch).num_failed, 2);
  CHECK_STATUS(SPDL_EOF, spdl_batch_get_buffer(batch, &buffer, ERR));
  spdl_batch_free(batch);
  spdl_source_free(source);
}

static void rates_and_channels_that_disagree(void) {
  static const struct {
    int rate, num_channels, num_samples;
    const char *names;
  } rows[] = {{16000, 1, 1000, "give `sample_rate` to"},
              {8000, 2, 1000, "give `num_channels` to"},
              {8000, 1, 1001, "give `num_frames` to"},
              {44100, 2, 9, "give `sample_rate`, `num_channels`, `num_frames` to"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    media_bytes first = media_make_wav(8000, 1, 1000);
    media_bytes other = media_make_wav(rows[i].rate, rows[i].num_channels, rows[i].num_samples);
    spdl_source *a = media_open_bytes(&first, 1), *b = media_open_bytes(&other, 2);
    const spdl_source *list[] = {a, b, a};
    spdl_batch *batch = NULL;
    CHECK_ERROR(SPDL_E_BATCH, rows[i].names, spdl_batch_load(list, 3, &samples, NULL, &batch, ERR));
    CHECK_EQ(check_last_error()->item, 1);
    spdl_source_free(a);
    check_tag_released(1);
    spdl_source_free(b);
    check_tag_released(2);
    media_free(&first);
    media_free(&other);
  }
}

/* ---- memory for the result, limits ---- */

static void output(void) {
  enum { SIZE = 3 * 5 * FRAME };
  static const spdl_window window = WINDOW(0, 20);
  const spdl_window *list[] = {&window};
  unsigned char *array = malloc(SIZE);
  spdl_source *source = media_open(VIDEO_MP4);
  for (int i = -1; i <= 1; ++i) {
    spdl_memory *out = NULL;
    CHECK_OK(spdl_memory_borrow(array, SIZE - (i < 0), SPDL_MEMORY_WRITABLE, 1, &out, ERR));
    spdl_batch_options options = rgb_video;
    options.out = out;
    spdl_batch *batch = NULL;
    /* It counts all items, and fails the batch, not one item. */
    CHECK_STATUS(i ? SPDL_E_MISMATCH : SPDL_OK,
                 load(source, i > 0 ? 2 : 3, list, 1, options, &batch, ERR));
    if (i) {
      CHECK_EQ(check_last_error()->item, -1);
    } else {
      spdl_buffer *buffer = take_buffer(batch);
      CHECK(media_buffer_info(buffer).data == array);
      check_item(buffer, 2, source, SPDL_MEDIA_VIDEO, &window, &as_rgb);
      spdl_buffer_free(buffer);
    }
    spdl_memory_free(out);
    check_tag_released(1);
  }
  free(array);
  spdl_source_free(source);
}

static void storage(void) {
  static const spdl_window window = WINDOW(0, 20);
  const spdl_window *list[] = {&window};
  spdl_memory *out = NULL;
  CHECK_OK(spdl_memory_allocate(4 * 5 * FRAME, 0, &out, ERR));
  spdl_batch_options options = rgb_video;
  options.out = out;
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_batch *batch = NULL, *second = NULL;
  CHECK_OK(load(source, 3, list, 1, options, &batch, ERR));
  spdl_buffer *buffer = take_buffer(batch);
  CHECK_ERROR(SPDL_E_BUSY, "storage", load(source, 3, list, 1, options, &second, ERR));
  check_item(buffer, 2, source, SPDL_MEDIA_VIDEO, &window, &as_rgb);
  spdl_buffer_free(buffer);
  CHECK_STATUS(SPDL_E_MISMATCH, load(source, 5, list, 1, options, &second, ERR));
  CHECK_OK(load(source, 4, list, 1, options, &second, ERR)); /* A failure left it free. */
  spdl_batch_free(second);
  spdl_memory_free(out);
  spdl_source_free(source);
}

static void limits_of_items_and_of_the_buffer(void) {
  static const spdl_window window = WINDOW(0, 20);
  const spdl_window *list[] = {&window};
  static const struct {
    spdl_limits limits;
    spdl_status status;
  } rows[] = {{{.struct_size = sizeof(spdl_limits), .max_frames = 5}, SPDL_OK},
              {{.struct_size = sizeof(spdl_limits), .max_frames = 4}, SPDL_E_BATCH},
              {{.struct_size = sizeof(spdl_limits), .max_pixels = 160 * 120}, SPDL_OK},
              {{.struct_size = sizeof(spdl_limits), .max_pixels = 160 * 120 - 1}, SPDL_E_BATCH},
              {{.struct_size = sizeof(spdl_limits), .max_bytes = 4 * 5 * FRAME}, SPDL_OK},
              {{.struct_size = sizeof(spdl_limits), .max_bytes = 4 * 5 * FRAME - 1}, SPDL_E_LIMIT},
              {{.struct_size = sizeof(spdl_limits), .max_bytes = 3 * FRAME}, SPDL_E_BATCH}};
  spdl_source *source = media_open(VIDEO_MP4);
  const spdl_source *sources[] = {source, source, source, source};
  spdl_batch_options options = rgb_video;
  options.windows = list;
  options.num_windows = 1;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_batch *batch = NULL;
    CHECK_STATUS(rows[i].status,
                 spdl_batch_load(sources, 4, &options, &rows[i].limits, &batch, ERR));
    spdl_batch_free(batch);
  }
  spdl_source_free(source);
}

CHECK_MAIN(CHECK_TEST(windows_of_a_video), CHECK_TEST(windows_of_audio), CHECK_TEST(scale_modes),
           CHECK_TEST(one_dimension), CHECK_TEST(the_first_that_loads_decides),
           CHECK_TEST(rates_and_channels_that_disagree), CHECK_TEST(output), CHECK_TEST(storage),
           CHECK_TEST(limits_of_items_and_of_the_buffer))
