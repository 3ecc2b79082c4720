/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/buffer.h: memory that takes results: storages, and arrays of the caller. */
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

enum { SIZE = PICTURE_WIDTH * PICTURE_HEIGHT * 3 };

static spdl_status load_into(const spdl_memory *out, spdl_buffer **out_buffer, spdl_error *err) {
  spdl_source *source = media_open(PICTURE_PNG);
  const spdl_load_options load = {.struct_size = sizeof(load), .out = out};
  const spdl_status status =
      spdl_source_load(source, SPDL_MEDIA_IMAGE, &load, NULL, out_buffer, err);
  spdl_source_free(source);
  return status;
}

static spdl_memory *make_storage(size_t size) {
  spdl_memory *storage = NULL;
  CHECK_OK(spdl_memory_allocate(size, 0, &storage, ERR));
  return storage;
}

static void one_buffer_at_a_time(void) {
  spdl_memory *storage = make_storage(SIZE + 100);
  spdl_buffer *first = NULL, *second = NULL;
  CHECK_OK(load_into(storage, &first, ERR));
  MEDIA_CHECK_SHAPE(first, PICTURE_HEIGHT, PICTURE_WIDTH, 3);
  const void *place = media_buffer_info(first).data;
  CHECK_EQ((uintptr_t)place % 64, 0);
  CHECK_STATUS(SPDL_E_BUSY, load_into(storage, &second, ERR));
  CHECK(strstr(check_last_error()->message, "storage") != NULL);
  CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_BUFFER);
  const int64_t number = 7;
  CHECK_STATUS(SPDL_E_BUSY, spdl_buffer_from_integers(&number, 1, storage, &second, ERR));
  CHECK(second == NULL);
  spdl_buffer_free(first);
  CHECK_OK(load_into(storage, &second, ERR));
  CHECK(media_buffer_info(second).data == place);
  spdl_memory_free(storage); /* The buffer keeps it. */
  spdl_buffer *own = NULL;
  CHECK_OK(load_into(NULL, &own, ERR));
  media_check_equal(second, own);
  spdl_buffer_free(own);
  spdl_buffer_free(second);
}

/* A failure gives the storage back. */
static void failures(void) {
  spdl_memory *small = make_storage(SIZE - 1), *storage = make_storage(SIZE);
  spdl_buffer *buffer = NULL;
  for (int i = 0; i < 2; ++i) {
    CHECK_STATUS(SPDL_E_MISMATCH, load_into(small, &buffer, ERR));
    CHECK(strstr(check_last_error()->message, "storage") != NULL);
  }
  spdl_source *picture = media_open(PICTURE_PNG), *nothing = NULL;
  CHECK_OK(spdl_source_from_path("no such file", NULL, &nothing, ERR));
  const spdl_source *sources[] = {picture, nothing};
  const spdl_batch_options options = {
      .struct_size = sizeof(options), .width = 8, .height = 8, .pix_fmt = "rgb24", .out = storage};
  spdl_batch *batch = NULL;
  CHECK_STATUS(SPDL_E_BATCH, spdl_batch_load(sources, 2, &options, NULL, &batch, ERR));
  CHECK_OK(spdl_batch_load(sources, 1, &options, NULL, &batch, ERR));
  CHECK_STATUS(SPDL_E_BUSY, load_into(storage, &buffer, ERR));
  spdl_batch_free(batch);
  CHECK_OK(load_into(storage, &buffer, ERR));
  spdl_buffer_free(buffer);
  spdl_source_free(picture);
  spdl_source_free(nothing);
  spdl_memory_free(small);
  spdl_memory_free(storage);
}

static void refusals(void) {
  spdl_memory *storage = NULL;
  spdl_source *source = NULL;
  CHECK_STATUS(SPDL_E_INVALID, spdl_memory_allocate(0, 0, &storage, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_memory_allocate(1, 2, &storage, ERR));
  CHECK_STATUS(SPDL_E_MEMORY, spdl_memory_allocate(SIZE_MAX, 0, &storage, ERR));
  CHECK_STATUS(SPDL_E_MEMORY, spdl_memory_allocate(SIZE_MAX - 100, 0, &storage, ERR));
  CHECK(storage == NULL);
  storage = make_storage(10);
  CHECK_STATUS(SPDL_E_INVALID, spdl_source_from_memory(storage, NULL, &source, ERR));
  spdl_memory_free(storage);
  check_no_tag_released(); /* A storage has no tag. */
}

static void pinned(void) {
  spdl_memory *storage = NULL;
  CHECK_STATUS(SPDL_E_UNSUPPORTED, spdl_memory_allocate(8, SPDL_STORAGE_PINNED, &storage, ERR));
  CHECK(strstr(check_last_error()->message, "CUDA") != NULL);
  spdl_source *source = media_open(PICTURE_PNG);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_IMAGE);
  spdl_frames *frames = media_decode(packets, NULL);
  const spdl_frames *item = frames;
  spdl_convert_options convert = {.struct_size = sizeof(convert), .flags = SPDL_CONVERT_PINNED};
  spdl_buffer *buffer = NULL;
  CHECK_STATUS(SPDL_E_UNSUPPORTED, spdl_frames_convert(&item, 1, &convert, NULL, &buffer, ERR));
  convert.out = storage = make_storage(SIZE);
  CHECK_STATUS(SPDL_E_INVALID, spdl_frames_convert(&item, 1, &convert, NULL, &buffer, ERR));
  const spdl_source *const_source = source;
  const spdl_batch_options options = {.struct_size = sizeof(options), .flags = SPDL_BATCH_PINNED};
  spdl_batch *batch = NULL;
  CHECK_STATUS(SPDL_E_UNSUPPORTED, spdl_batch_load(&const_source, 1, &options, NULL, &batch, ERR));
  CHECK(buffer == NULL && batch == NULL);
  spdl_memory_free(storage);
  spdl_frames_free(frames);
  spdl_packets_free(packets);
  spdl_source_free(source);
}

/* Jobs that want one storage at a time: one gets it, none writes over another's buffer. */
static void jobs(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_memory *storage = make_storage(SIZE);
  spdl_source *source = media_open(PICTURE_PNG);
  const spdl_load_options load = {.struct_size = sizeof(load), .out = storage};
  for (uint64_t tag = 0; tag < 8; ++tag)
    CHECK_OK(spdl_source_load_submit(queue, tag, source, SPDL_MEDIA_IMAGE, &load, NULL, ERR));
  spdl_memory_free(storage);
  spdl_source_free(source);
  spdl_buffer *kept = NULL;
  for (int i = 0; i < 8; ++i) {
    const job_end end = job_collect(queue);
    if (end.completion.status == SPDL_OK) {
      CHECK(kept == NULL);
      kept = end.completion.result;
    } else {
      CHECK_EQ(end.completion.status, SPDL_E_BUSY);
    }
  }
  CHECK(kept != NULL);
  spdl_buffer_free(kept);
  spdl_queue_free(queue);
}

static spdl_status lend_array(void *data, const char *typestr, uint32_t num_dims,
                              const int64_t *shape, spdl_memory **out_memory, spdl_error *err) {
  spdl_array array = {.struct_size = sizeof(array), .num_dims = num_dims, .typestr = typestr};
  for (uint32_t i = 0; i < num_dims && i < 8; ++i) array.shape[i] = shape[i];
  return spdl_memory_borrow_array(data, SIZE, &array, 4, out_memory, err);
}

static void arrays(void) {
  unsigned char *data = malloc(SIZE);
  static const struct {
    const char *typestr;
    uint32_t num_dims;
    int64_t shape[4];
    spdl_status status;
  } rows[] = {{"|u1", 3, {PICTURE_HEIGHT, PICTURE_WIDTH, 3}, SPDL_OK},
              {"|i1", 3, {PICTURE_HEIGHT, PICTURE_WIDTH, 3}, SPDL_E_MISMATCH},
              {"<f4", 3, {PICTURE_HEIGHT, PICTURE_WIDTH, 3}, SPDL_E_MISMATCH},
              {"|u1", 3, {3, PICTURE_HEIGHT, PICTURE_WIDTH}, SPDL_E_MISMATCH},
              {"|u1", 3, {PICTURE_HEIGHT, PICTURE_WIDTH, -3}, SPDL_E_MISMATCH},
              {"|u1", 4, {1, PICTURE_HEIGHT, PICTURE_WIDTH, 3}, SPDL_E_MISMATCH},
              {"|u1", 1, {SIZE}, SPDL_E_MISMATCH},
              {"|u1", 0, {0}, SPDL_E_MISMATCH}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    spdl_memory *out = NULL;
    spdl_buffer *buffer = NULL;
    CHECK_OK(lend_array(data, rows[i].typestr, rows[i].num_dims, rows[i].shape, &out, ERR));
    memset(data, 0xa5, SIZE);
    CHECK_STATUS(rows[i].status, load_into(out, &buffer, ERR));
    if (rows[i].status == SPDL_OK)
      CHECK(media_buffer_info(buffer).data == data);
    else
      for (int k = 0; k < SIZE; ++k) CHECK_EQ(data[k], 0xa5);
    spdl_memory_free(out);
    spdl_buffer_free(buffer);
    check_tag_released(4);
  }
  const int64_t shape[9] = {0};
  spdl_memory *out = NULL;
  CHECK_STATUS(SPDL_E_INVALID, lend_array(data, "|u1", 9, shape, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, lend_array(data, NULL, 1, shape, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, lend_array(NULL, "|u1", 1, shape, &out, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_memory_borrow_array(data, SIZE, NULL, 4, &out, ERR));
  spdl_array array = {.struct_size = 0, .typestr = "|u1"};
  CHECK_STATUS(SPDL_E_INVALID, spdl_memory_borrow_array(data, SIZE, &array, 4, &out, ERR));
  CHECK(out == NULL);
  check_no_tag_released();
  free(data);
}

static void integers(void) {
  const int64_t values[3] = {-1, INT64_MAX, 0};
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_buffer_from_integers(values, 3, NULL, &buffer, ERR));
  const spdl_buffer_info info = media_buffer_info(buffer);
  MEDIA_CHECK_SHAPE(buffer, 3);
  CHECK_STRING(info.typestr, "<i8");
  CHECK_STRING(info.format, "");
  CHECK_STRING(info.backend, "");
  CHECK_EQ(info.media, SPDL_MEDIA_NONE);
  CHECK_EQ(info.num_pts, 0);
  CHECK_BYTES(info.data, values, sizeof(values));
  spdl_buffer_free(buffer);
  buffer = NULL;
  CHECK_STATUS(SPDL_E_INVALID, spdl_buffer_from_integers(values, 0, NULL, &buffer, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_buffer_from_integers(values, SIZE_MAX, NULL, &buffer, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_buffer_from_integers(NULL, 3, NULL, &buffer, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_buffer_from_integers(values, 3, NULL, NULL, ERR));
  CHECK(buffer == NULL);
}

CHECK_MAIN(CHECK_TEST(one_buffer_at_a_time), CHECK_TEST(failures), CHECK_TEST(refusals),
           CHECK_TEST(pinned), CHECK_TEST(jobs), CHECK_TEST(arrays), CHECK_TEST(integers))
