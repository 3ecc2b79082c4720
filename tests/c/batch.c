/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/load.h: batches of images. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"
#include "spdl/load.h"

/* Two good pictures, a video, a missing file and one that is no picture. */
enum { JPG, PNG, VIDEO, MISSING, BROKEN, NUM_SOURCES };
static spdl_source *sources[NUM_SOURCES];
static char nonsense[] = "This is no picture.";

static void make_sources(void) {
  const media_bytes broken = {(unsigned char *)nonsense, sizeof(nonsense)};
  sources[JPG] = media_open(PICTURE_JPG);
  sources[PNG] = media_open(PICTURE_PNG);
  sources[VIDEO] = media_open(VIDEO_MP4);
  CHECK_OK(spdl_source_from_path("/nowhere/a.jpg", NULL, &sources[MISSING], ERR));
  sources[BROKEN] = media_open_bytes(&broken, 77);
}

static void free_sources(void) {
  for (int i = 0; i < NUM_SOURCES; ++i) spdl_source_free(sources[i]);
  check_tag_released(77);
}

/* Loads the sources with these numbers. */
static spdl_status load(const int *numbers, uint32_t num, const spdl_batch_options *options,
                        spdl_batch **out_batch, spdl_error *err) {
  const spdl_source *list[16];
  for (uint32_t i = 0; i < num; ++i) list[i] = sources[numbers[i]];
  return spdl_batch_load(list, num, options, NULL, out_batch, err);
}

static spdl_batch_info info_of(const spdl_batch *batch) {
  spdl_batch_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_batch_get_info(batch, &info, ERR));
  return info;
}

static spdl_buffer *buffer_of(const spdl_batch *batch) {
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_batch_get_buffer(batch, &buffer, ERR));
  return buffer;
}

static const spdl_batch_options sized = {
    .struct_size = sizeof(spdl_batch_options), .width = 40, .height = 30, .pix_fmt = "rgb24"};

static void sizes(void) {
  static const int numbers[] = {JPG, PNG, VIDEO, JPG};
  make_sources();
  spdl_batch *batch = NULL;
  CHECK_OK(load(numbers, 4, &sized, &batch, ERR));
  spdl_buffer *buffer = buffer_of(batch);
  MEDIA_CHECK_SHAPE(buffer, 4, 30, 40, 3);
  const spdl_batch_info info = info_of(batch);
  CHECK(info.num_sources == 4 && info.num_loaded == 4 && info.num_failed == 0);
  for (int i = 0; i < 4; ++i) CHECK_EQ(info.indices[i], i);
  const spdl_buffer_info buffer_info = media_buffer_info(buffer);
  CHECK_EQ(buffer_info.media, SPDL_MEDIA_IMAGE);
  CHECK_STRING(buffer_info.format, "rgb24");
  CHECK_EQ(buffer_info.num_pts, 4);
  const unsigned char *data = buffer_info.data;
  CHECK_BYTES(data, data + 3 * 3600, 3600); /* The same source twice. */
  CHECK(memcmp(data, data + 3600, 3600) != 0);
  spdl_batch_free(batch);
  CHECK_BYTES(data, data + 3 * 3600, 3600); /* The buffer outlives the batch. */
  spdl_buffer_free(buffer);
  free_sources();
}

/* The reference way: an image is what a load with the filter of these words gives. */
static void same_as_single_loads(void) {
  static const int numbers[] = {JPG, PNG, VIDEO};
  const spdl_decode_options reference = {.struct_size = sizeof(reference),
                                         .flags = SPDL_DECODE_REFERENCE};
  spdl_batch_options options_of_batch = sized;
  options_of_batch.decode = &reference;
  make_sources();
  spdl_batch *batch = NULL;
  CHECK_OK(load(numbers, 3, &options_of_batch, &batch, ERR));
  spdl_buffer *buffer = buffer_of(batch);
  const spdl_decode_options decode = {
      .struct_size = sizeof(decode),
      .filter = SPDL_FILTER_CUSTOM,
      .filter_desc =
          "scale=w=40:h=30:flags=bicubic:force_original_aspect_ratio=decrease,"
          "pad=w=40:h=30:x=-1:y=-1:color=black,format=pix_fmts=rgb24"};
  const spdl_load_options options = {.struct_size = sizeof(options), .decode = &decode};
  for (int i = 0; i < 3; ++i) {
    spdl_buffer *single = NULL;
    CHECK_OK(spdl_source_load(sources[i], SPDL_MEDIA_IMAGE, &options, NULL, &single, ERR));
    CHECK_BYTES((unsigned char *)media_buffer_info(buffer).data + i * 3600,
                media_buffer_info(single).data, 3600);
    spdl_buffer_free(single);
  }
  spdl_buffer_free(buffer);
  spdl_batch_free(batch);
  free_sources();
}

/* Without a size and a format each picture is as its decoder gives it. */
static void native_pictures(void) {
  static const int numbers[] = {PNG, PNG};
  make_sources();
  spdl_batch *batch = NULL;
  CHECK_OK(load(numbers, 2, NULL, &batch, ERR));
  spdl_buffer *buffer = buffer_of(batch);
  MEDIA_CHECK_SHAPE(buffer, 2, PICTURE_HEIGHT, PICTURE_WIDTH, 3);
  spdl_buffer_free(buffer);
  spdl_batch_free(batch);
  static const int jpegs[] = {JPG};
  CHECK_OK(load(jpegs, 1, NULL, &batch, ERR));
  buffer = buffer_of(batch);
  MEDIA_CHECK_SHAPE(buffer, 1, 1, PICTURE_HEIGHT * 3 / 2, PICTURE_WIDTH);
  CHECK_STRING(media_buffer_info(buffer).format, "yuvj420p");
  spdl_buffer_free(buffer);
  spdl_batch_free(batch);
  free_sources();
}

static void other_filters(void) {
  static const int numbers[] = {JPG, PNG};
  make_sources();
  const spdl_decode_options decode = {.struct_size = sizeof(decode),
                                      .filter = SPDL_FILTER_CUSTOM,
                                      .filter_desc = "scale=10:20,format=gray"};
  const spdl_batch_options options = {.struct_size = sizeof(options), .decode = &decode};
  spdl_batch *batch = NULL;
  CHECK_OK(load(numbers, 2, &options, &batch, ERR));
  spdl_buffer *buffer = buffer_of(batch);
  MEDIA_CHECK_SHAPE(buffer, 2, 20, 10, 1);
  spdl_buffer_free(buffer);
  spdl_batch_free(batch);
  free_sources();
}

/* ---- failures ---- */

static void strict(void) {
  static const int numbers[] = {JPG, BROKEN, MISSING, PNG};
  make_sources();
  spdl_batch *batch = NULL;
  CHECK_ERROR(SPDL_E_BATCH, "<Bytes: 0x", load(numbers, 4, &sized, &batch, ERR));
  CHECK_EQ(check_last_error()->item, 1);
  CHECK_ERROR(SPDL_E_BATCH, "Failed to open the input: /nowhere/a.jpg (",
              load(numbers + 2, 2, &sized, &batch, ERR));
  CHECK_EQ(check_last_error()->item, 0);
  CHECK(batch == NULL);
  free_sources();
}

static void skip_errors(void) {
  static const int numbers[] = {BROKEN, JPG, MISSING, PNG, MISSING};
  make_sources();
  spdl_batch_options options = sized;
  options.flags = SPDL_BATCH_SKIP_ERRORS;
  spdl_batch *batch = NULL;
  CHECK_OK(load(numbers, 5, &options, &batch, ERR));
  const spdl_batch_info info = info_of(batch);
  CHECK(info.num_sources == 5 && info.num_loaded == 2 && info.num_failed == 3);
  CHECK(info.indices[0] == 1 && info.indices[1] == 3);
  static const int64_t failed[] = {0, 2, 4};
  static const spdl_status statuses[] = {SPDL_E_CORRUPT, SPDL_E_NOT_FOUND, SPDL_E_NOT_FOUND};
  for (uint32_t i = 0; i < 3; ++i) {
    spdl_error failure = {.struct_size = sizeof(failure)};
    CHECK_OK(spdl_batch_get_failure(batch, i, &failure, ERR));
    CHECK_EQ(failure.item, failed[i]);
    CHECK_EQ(failure.status, statuses[i]);
    CHECK(failure.message[0] != 0);
  }
  spdl_error none = {.struct_size = sizeof(none)};
  CHECK_STATUS(SPDL_E_INVALID, spdl_batch_get_failure(batch, 3, &none, ERR));
  spdl_buffer *buffer = buffer_of(batch);
  MEDIA_CHECK_SHAPE(buffer, 2, 30, 40, 3);
  CHECK_EQ(media_buffer_info(buffer).num_pts, 2);
  /* The same bytes as without the failures. */
  static const int good[] = {JPG, PNG};
  spdl_batch *reference = NULL;
  CHECK_OK(load(good, 2, &sized, &reference, ERR));
  spdl_buffer *reference_buffer = buffer_of(reference);
  media_check_equal(buffer, reference_buffer);
  spdl_buffer_free(reference_buffer);
  spdl_batch_free(reference);
  spdl_buffer_free(buffer);
  spdl_batch_free(batch);
  free_sources();
}

static void nothing_loaded(void) {
  static const int numbers[] = {BROKEN, MISSING};
  make_sources();
  spdl_batch_options options = sized;
  options.flags = SPDL_BATCH_SKIP_ERRORS;
  spdl_batch *batch = NULL;
  CHECK_OK(load(numbers, 2, &options, &batch, ERR));
  CHECK(info_of(batch).num_loaded == 0 && info_of(batch).num_failed == 2);
  spdl_buffer *buffer = NULL;
  CHECK_STATUS(SPDL_EOF, spdl_batch_get_buffer(batch, &buffer, ERR));
  CHECK(buffer == NULL);
  spdl_batch_free(batch);
  free_sources();
}

/* Pictures of different sizes or formats do not fit into one buffer: those that differ from the
 * first fail. */
static void pictures_that_disagree(void) {
  static const int numbers[] = {PNG, VIDEO, PNG, JPG};
  make_sources();
  spdl_batch *batch = NULL;
  CHECK_STATUS(SPDL_E_BATCH, load(numbers, 4, NULL, &batch, ERR));
  CHECK_EQ(check_last_error()->item, 1);
  const spdl_batch_options options = {.struct_size = sizeof(options),
                                      .flags = SPDL_BATCH_SKIP_ERRORS};
  CHECK_OK(load(numbers, 4, &options, &batch, ERR));
  const spdl_batch_info info = info_of(batch);
  CHECK(info.num_loaded == 2 && info.num_failed == 2);
  CHECK(info.indices[0] == 0 && info.indices[1] == 2);
  spdl_error failure = {.struct_size = sizeof(failure)};
  CHECK_OK(spdl_batch_get_failure(batch, 0, &failure, ERR));
  CHECK(failure.item == 1 && failure.status == SPDL_E_MISMATCH);
  spdl_batch_free(batch);
  free_sources();
}

/* An error that is in the options is every image's. */
static void wrong_options(void) {
  static const int numbers[] = {JPG, PNG};
  make_sources();
  spdl_batch_options options = sized;
  options.pix_fmt = "no_such_format";
  spdl_batch *batch = NULL;
  CHECK(load(numbers, 2, &options, &batch, ERR) < 0);
  CHECK(strstr(check_last_error()->message, "no_such_format") != NULL);
  CHECK(batch == NULL);
  free_sources();
}

/* ---- memory for output, deadlines ---- */

static spdl_status load_into(size_t size, uint32_t flags, unsigned char *array, spdl_error *err) {
  static const int numbers[] = {JPG, BROKEN, PNG};
  spdl_memory *out = NULL;
  CHECK_OK(spdl_memory_borrow(array, size, SPDL_MEMORY_WRITABLE, 1, &out, ERR));
  spdl_batch_options options = sized;
  options.flags = flags;
  options.out = out;
  if (err) err = ERR;
  spdl_batch *batch = NULL;
  const spdl_status status = load(numbers, 3, &options, &batch, err);
  if (status == SPDL_OK) {
    spdl_buffer *buffer = buffer_of(batch);
    CHECK(media_buffer_info(buffer).data == array);
    MEDIA_CHECK_SHAPE(buffer, 2, 30, 40, 3);
    spdl_buffer_free(buffer);
  }
  spdl_batch_free(batch);
  spdl_memory_free(out);
  check_tag_released(1);
  return status;
}

/* The size of `out` counts all sources, also those that fail. */
static void output(void) {
  static unsigned char array[4 * 3600];
  make_sources();
  CHECK_OK(load_into(3 * 3600, SPDL_BATCH_SKIP_ERRORS, array, ERR));
  CHECK_STATUS(SPDL_E_BATCH, load_into(3 * 3600, 0, array, ERR));
  CHECK_STATUS(SPDL_E_MISMATCH, load_into(2 * 3600, SPDL_BATCH_SKIP_ERRORS, array, ERR));
  CHECK_STATUS(SPDL_E_MISMATCH, load_into(3 * 3600 - 1, SPDL_BATCH_SKIP_ERRORS, array, ERR));
  CHECK_STATUS(SPDL_E_MISMATCH, load_into(4 * 3600, SPDL_BATCH_SKIP_ERRORS, array, ERR));
  free_sources();
}

/* An image that hangs does not outlast the batch's deadline; the others do not make up for it. */
static void deadline(void) {
  make_sources();
  spdl_source *hanging = NULL;
  CHECK_OK(spdl_source_from_feed(-1, NULL, &hanging, ERR));
  const spdl_source *list[] = {sources[JPG], hanging, sources[PNG]};
  const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = 60 * MILLISECONDS};
  spdl_batch_options options = sized;
  options.flags = SPDL_BATCH_SKIP_ERRORS;
  spdl_batch *batch = NULL;
  const int64_t start = check_now_ns();
  CHECK_STATUS(SPDL_E_DEADLINE, spdl_batch_load(list, 3, &options, &limits, &batch, ERR));
  const int64_t took = check_now_ns() - start;
  CHECK(took >= 60 * MILLISECONDS && took < 300 * MILLISECONDS * CHECK_SLOWDOWN);
  CHECK(batch == NULL);
  spdl_source_free(hanging);
  free_sources();
}

/* A batch whose sources wait for input leaves the worker as soon as it is cancelled. */
static void cancelled(void) {
  spdl_pool *pool = job_pool(2);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate gates[2] = {job_gate_make(), job_gate_make()};
  const spdl_source *list[] = {gates[0].source, gates[1].source};
  CHECK_OK(spdl_batch_load_submit(queue, 1, list, 2, NULL, NULL, ERR));
  job_gate_wait_running(&gates[0]); /* Two workers share the batch. */
  job_gate_wait_running(&gates[1]);
  CHECK_OK(spdl_queue_cancel(queue, 1, ERR));
  job_expect(queue, 1, SPDL_E_CANCELLED);
  for (int i = 0; i < 2; ++i) job_gate_free(&gates[i]);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

CHECK_MAIN(CHECK_TEST(sizes), CHECK_TEST(same_as_single_loads), CHECK_TEST(native_pictures),
           CHECK_TEST(other_filters), CHECK_TEST(strict), CHECK_TEST(skip_errors),
           CHECK_TEST(nothing_loaded), CHECK_TEST(pictures_that_disagree),
           CHECK_TEST(wrong_options), CHECK_TEST(output), CHECK_TEST(deadline),
           CHECK_TEST(cancelled))
