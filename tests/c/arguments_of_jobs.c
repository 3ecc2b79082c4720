/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrong arguments, continued: from frames to buffers and batches, pools and queues. */
#include "arguments.h"

#include <stdio.h>

static void null_frames(void) {
  make_items();
  spdl_frames_info info = {.struct_size = sizeof(info)};
  int64_t pts[2];
  size_t count = 7;
  REFUSES(spdl_frames_get_info(NULL, &info, err));
  REFUSES(spdl_frames_get_info(frames, NULL, err));
  REFUSES(spdl_frames_get_pts(NULL, pts, 2, &count, err));
  REFUSES(spdl_frames_get_pts(frames, NULL, 2, &count, err));
  REFUSES(spdl_frames_get_pts(frames, pts, 2, NULL, err));
  CHECK_EQ(count, 7);
  free_items();
}

static void wrong_convert(void) {
  make_items();
  spdl_buffer *made = UNSET;
  const spdl_frames *hole[] = {frames, NULL};
  const spdl_convert_options batched = {.struct_size = sizeof(batched),
                                        .flags = SPDL_CONVERT_BATCH};
  const spdl_convert_options wrong_flag = {.struct_size = sizeof(wrong_flag), .flags = 1u << 31};
  REFUSES(spdl_frames_convert(NULL, 1, NULL, NULL, &made, err));
  REFUSES(spdl_frames_convert(two_frames, 0, NULL, NULL, &made, err));
  REFUSES(spdl_frames_convert(two_frames, 0, &batched, NULL, &made, err));
  REFUSES(spdl_frames_convert(two_frames, 2, NULL, NULL, &made, err));
  REFUSES(spdl_frames_convert(hole, 2, &batched, NULL, &made, err));
  REFUSES(spdl_frames_convert(two_frames, 1, &wrong_flag, NULL, &made, err));
  REFUSES(spdl_frames_convert(two_frames, 1, NULL, NULL, NULL, err));
  REFUSES(spdl_frames_convert_submit(NULL, 1, two_frames, 1, NULL, NULL, err));
  REFUSES(spdl_frames_convert_submit(queue, 1, NULL, 1, NULL, NULL, err));
  REFUSES(spdl_frames_convert_submit(queue, 1, two_frames, 0, NULL, NULL, err));
  REFUSES(spdl_frames_convert_submit(queue, 1, two_frames, 2, NULL, NULL, err));
  REFUSES(spdl_frames_convert_submit(queue, 1, hole, 2, &batched, NULL, err));
  spdl_buffer_info info = {.struct_size = sizeof(info)};
  REFUSES(spdl_buffer_get_info(NULL, &info, err));
  REFUSES(spdl_buffer_get_info(buffer, NULL, err));
  CHECK(made == UNSET);
  free_items();
}

static void wrong_load(void) {
  make_items();
  spdl_buffer *made = UNSET;
  const spdl_load_options wrong_flag = {.struct_size = sizeof(wrong_flag), .flags = 1};
  REFUSES(spdl_source_load(NULL, SPDL_MEDIA_IMAGE, NULL, NULL, &made, err));
  REFUSES(spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, NULL, err));
  REFUSES(spdl_source_load(source, SPDL_MEDIA_IMAGE, &wrong_flag, NULL, &made, err));
  REFUSES(spdl_source_load_submit(NULL, 1, source, SPDL_MEDIA_IMAGE, NULL, NULL, err));
  REFUSES(spdl_source_load_submit(queue, 1, NULL, SPDL_MEDIA_IMAGE, NULL, NULL, err));
  CHECK(made == UNSET);
  free_items();
}

static void wrong_batch(void) {
  make_items();
  spdl_batch *made = UNSET;
  spdl_buffer *got = UNSET;
  const spdl_source *hole[] = {source, NULL};
  const spdl_decode_options no_filter = {.struct_size = sizeof(no_filter),
                                         .filter = SPDL_FILTER_NONE};
  static const spdl_window window = {.struct_size = sizeof(window)};
  static const spdl_window unbound = {
      .struct_size = sizeof(unbound), .flags = SPDL_WINDOW_END, .end = {1, 0}};
  static const spdl_window *const windows[] = {&window, &unbound, &window};
  static const int32_t video = SPDL_MEDIA_VIDEO, audio = SPDL_MEDIA_AUDIO;
  const spdl_batch_options wrong[] = {
      {.struct_size = sizeof(spdl_batch_options), .flags = 1u << 7},
      {.struct_size = sizeof(spdl_batch_options), .width = -1},
      {.struct_size = sizeof(spdl_batch_options), .height = -1},
      {.struct_size = sizeof(spdl_batch_options), .width = 8, .decode = &no_filter},
      {.struct_size = sizeof(spdl_batch_options), .height = 8, .decode = &no_filter},
      {.struct_size = sizeof(spdl_batch_options), .pix_fmt = "rgb24", .decode = &no_filter},
      {.struct_size = sizeof(spdl_batch_options), .scale_mode = 1, .decode = &no_filter},
      {.struct_size = sizeof(spdl_batch_options), .scale_mode = 3},
      {.struct_size = sizeof(spdl_batch_options), .media = 4},
      {.struct_size = sizeof(spdl_batch_options), .media = -1},
      {.struct_size = sizeof(spdl_batch_options), .reserved = 1},
      {.struct_size = sizeof(spdl_batch_options), .media = audio, .width = 8},
      {.struct_size = sizeof(spdl_batch_options), .media = audio, .pix_fmt = "rgb24"},
      {.struct_size = sizeof(spdl_batch_options), .media = audio, .scale_mode = 1},
      {.struct_size = sizeof(spdl_batch_options), .windows = windows, .num_windows = 1},
      {.struct_size = sizeof(spdl_batch_options), .media = video, .num_windows = 1},
      {.struct_size = sizeof(spdl_batch_options),
       .media = video,
       .windows = windows,
       .num_windows = 2},
      {.struct_size = sizeof(spdl_batch_options),
       .media = video,
       .windows = windows,
       .num_windows = 3},
  };
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    printf("  batch options %zu\n", i);
    REFUSES(spdl_batch_load(sources, 2, &wrong[i], NULL, &made, err));
    REFUSES(spdl_batch_load_submit(queue, 1, sources, 2, &wrong[i], NULL, err));
  }
  REFUSES(spdl_batch_load(NULL, 1, NULL, NULL, &made, err));
  REFUSES(spdl_batch_load(sources, 0, NULL, NULL, &made, err));
  REFUSES(spdl_batch_load(hole, 2, NULL, NULL, &made, err));
  REFUSES(spdl_batch_load(sources, 2, NULL, NULL, NULL, err));
  REFUSES(spdl_batch_load_submit(NULL, 1, sources, 2, NULL, NULL, err));
  REFUSES(spdl_batch_load_submit(queue, 1, NULL, 2, NULL, NULL, err));
  REFUSES(spdl_batch_load_submit(queue, 1, hole, 2, NULL, NULL, err));
  spdl_batch_info info = {.struct_size = sizeof(info)};
  spdl_error failure = {.struct_size = sizeof(failure)};
  REFUSES(spdl_batch_get_info(NULL, &info, err));
  REFUSES(spdl_batch_get_info(batch, NULL, err));
  REFUSES(spdl_batch_get_buffer(NULL, &got, err));
  REFUSES(spdl_batch_get_buffer(batch, NULL, err));
  REFUSES(spdl_batch_get_failure(NULL, 0, &failure, err));
  REFUSES(spdl_batch_get_failure(batch, 0, NULL, err));
  REFUSES(spdl_batch_get_failure(batch, 0, &failure, err)); /* None failed. */
  CHECK(made == UNSET && got == UNSET && failure.status == 0);
  free_items();
}

static void wrong_pool(void) {
  spdl_pool *pool = UNSET;
  const spdl_pool_options many = {.struct_size = sizeof(many), .num_threads = 4097};
  REFUSES(spdl_pool_create(NULL, NULL, err));
  REFUSES(spdl_pool_create(&many, &pool, err));
  REFUSES(spdl_pool_set_num_threads(NULL, 4097, err));
  CHECK(pool == UNSET);
}

static void wrong_queue(void) {
  spdl_queue *made = UNSET;
  spdl_completion completion = {.struct_size = sizeof(completion)};
  const spdl_queue_options bad_fd = {
      .struct_size = sizeof(bad_fd), .flags = SPDL_QUEUE_HAS_FD, .fd = -1};
  const spdl_queue_options closed_fd = {
      .struct_size = sizeof(closed_fd), .flags = SPDL_QUEUE_HAS_FD, .fd = 1000000};
  const spdl_queue_options wrong_flag = {.struct_size = sizeof(wrong_flag), .flags = 2};
  REFUSES(spdl_queue_create(NULL, NULL, NULL, err));
  REFUSES(spdl_queue_create(NULL, &bad_fd, &made, err));
  REFUSES(spdl_queue_create(NULL, &closed_fd, &made, err));
  REFUSES(spdl_queue_create(NULL, &wrong_flag, &made, err));
  CHECK(made == UNSET);
  queue = job_queue(NULL, 0);
  REFUSES(spdl_queue_next(NULL, &completion, err));
  REFUSES(spdl_queue_next(queue, NULL, err));
  REFUSES(spdl_queue_wait(NULL, 0, err));
  REFUSES(spdl_queue_cancel(NULL, 0, err));
  CHECK(spdl_queue_get_fd(NULL) < 0);
  spdl_queue_close(NULL);
  spdl_queue_free(queue);
}

CHECK_MAIN(CHECK_TEST(null_frames), CHECK_TEST(wrong_convert), CHECK_TEST(wrong_load),
           CHECK_TEST(wrong_batch), CHECK_TEST(wrong_pool), CHECK_TEST(wrong_queue))
