/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule for structs that begin with `struct_size`, for each of them (spdl_error: types.c): a
 * smaller one counts as filled up with zeros, a larger one must hold zeros there, zero is no size.
 * Each struct lies in a heap block of exactly its size, so that AddressSanitizer sees any access
 * past it. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static struct {
  spdl_source *picture;
  spdl_source *video;
  spdl_demuxer *demuxer;
  spdl_codec *codec;
  spdl_packets *packets;
  spdl_frames *frames;
  spdl_buffer *buffer;
  spdl_batch *batch;
  spdl_chunk *chunk;
} items;

static void make_items(void) {
  items.picture = media_open(PICTURE_PNG);
  items.video = media_open(VIDEO_MP4);
  items.packets = media_demux(items.picture, SPDL_MEDIA_IMAGE);
  items.frames = media_decode(items.packets, NULL);
  items.buffer = media_convert(items.frames);
  CHECK_OK(spdl_demuxer_open(items.video, NULL, NULL, &items.demuxer, ERR));
  CHECK_OK(spdl_packets_get_codec(items.packets, &items.codec, ERR));
  const spdl_source *source = items.picture;
  CHECK_OK(spdl_batch_load(&source, 1, NULL, NULL, &items.batch, ERR));
  const int32_t stream = 0;
  CHECK_OK(spdl_demuxer_read(items.demuxer, &stream, 1, NULL, NULL, &items.chunk, ERR));
}

static void free_items(void) {
  spdl_source_free(items.picture);
  spdl_source_free(items.video);
  spdl_demuxer_free(items.demuxer);
  spdl_codec_free(items.codec);
  spdl_packets_free(items.packets);
  spdl_frames_free(items.frames);
  spdl_buffer_free(items.buffer);
  spdl_batch_free(items.batch);
  spdl_chunk_free(items.chunk);
}

/* A heap block of `size` bytes that begins with `size` as its struct_size. */
static void *make_block(size_t size, int fill, const void *content, size_t content_size) {
  unsigned char *block = malloc(size < sizeof(uint32_t) ? sizeof(uint32_t) : size);
  CHECK(block != NULL);
  memset(block, fill, size);
  if (content) memcpy(block, content, content_size < size ? content_size : size);
  const uint32_t struct_size = (uint32_t)size;
  memcpy(block, &struct_size, sizeof(struct_size));
  return block;
}

/* ---- options: read by the library ---- */

static spdl_status use_limits(const void *limits) {
  spdl_packets *packets = NULL;
  const spdl_status status =
      spdl_source_demux(items.picture, SPDL_MEDIA_IMAGE, NULL, NULL, limits, &packets, ERR);
  spdl_packets_free(packets);
  return status;
}

static spdl_status use_window(const void *window) {
  spdl_packets *packets = NULL;
  const spdl_status status =
      spdl_demuxer_demux(items.demuxer, SPDL_MEDIA_VIDEO, window, NULL, &packets, ERR);
  spdl_packets_free(packets);
  return status;
}

static spdl_status use_demux_options(const void *options) {
  spdl_packets *packets = NULL;
  const spdl_status status =
      spdl_source_demux(items.picture, SPDL_MEDIA_IMAGE, NULL, options, NULL, &packets, ERR);
  spdl_packets_free(packets);
  return status;
}

static spdl_status use_decode_options(const void *options) {
  spdl_frames *frames = NULL;
  const spdl_status status = spdl_packets_decode(items.packets, options, NULL, &frames, ERR);
  spdl_frames_free(frames);
  return status;
}

static spdl_status use_read_options(const void *options) {
  const int32_t stream = 0;
  spdl_chunk *chunk = NULL;
  const spdl_status status =
      spdl_demuxer_read(items.demuxer, &stream, 1, options, NULL, &chunk, ERR);
  spdl_chunk_free(chunk);
  return status == SPDL_EOF ? SPDL_OK : status;
}

static spdl_status use_convert_options(const void *options) {
  const spdl_frames *frames = items.frames;
  spdl_buffer *buffer = NULL;
  const spdl_status status = spdl_frames_convert(&frames, 1, options, NULL, &buffer, ERR);
  spdl_buffer_free(buffer);
  return status;
}

static spdl_status use_load_options(const void *options) {
  spdl_buffer *buffer = NULL;
  const spdl_status status =
      spdl_source_load(items.picture, SPDL_MEDIA_IMAGE, options, NULL, &buffer, ERR);
  spdl_buffer_free(buffer);
  return status;
}

static spdl_status use_nested_demux_options(const void *options) {
  const spdl_load_options load = {.struct_size = sizeof(load), .demux = options};
  return use_load_options(&load);
}

static spdl_status use_nested_decode_options(const void *options) {
  const spdl_load_options load = {.struct_size = sizeof(load), .decode = options};
  return use_load_options(&load);
}

static spdl_status use_batch_options(const void *options) {
  const spdl_source *source = items.picture;
  spdl_batch *batch = NULL;
  const spdl_status status = spdl_batch_load(&source, 1, options, NULL, &batch, ERR);
  spdl_batch_free(batch);
  return status;
}

static spdl_status use_pool_options(const void *options) {
  spdl_pool *pool = NULL;
  const spdl_status status = spdl_pool_create(options, &pool, ERR);
  spdl_pool_free(pool);
  return status;
}

static spdl_status use_queue_options(const void *options) {
  spdl_queue *queue = NULL;
  const spdl_status status = spdl_queue_create(NULL, options, &queue, ERR);
  spdl_queue_free(queue);
  return status;
}

static const struct {
  const char *name;
  size_t size;
  spdl_status (*use)(const void *options);
} options_table[] = {
    {"limits", sizeof(spdl_limits), use_limits},
    {"window", sizeof(spdl_window), use_window},
    {"demux_options", sizeof(spdl_demux_options), use_demux_options},
    {"decode_options", sizeof(spdl_decode_options), use_decode_options},
    {"read_options", sizeof(spdl_read_options), use_read_options},
    {"convert_options", sizeof(spdl_convert_options), use_convert_options},
    {"load_options", sizeof(spdl_load_options), use_load_options},
    {"load_options.demux", sizeof(spdl_demux_options), use_nested_demux_options},
    {"load_options.decode", sizeof(spdl_decode_options), use_nested_decode_options},
    {"batch_options", sizeof(spdl_batch_options), use_batch_options},
    {"pool_options", sizeof(spdl_pool_options), use_pool_options},
    {"queue_options", sizeof(spdl_queue_options), use_queue_options},
};

static void expect_of_options(size_t row, const void *block, const char *what,
                              spdl_status expected) {
  const spdl_status status = options_table[row].use(block);
  if (status != expected)
    check_fail(__FILE__, __LINE__, "%s, %s: %d, not %d", options_table[row].name, what, status,
               expected);
}

static void options(void) {
  make_items();
  for (size_t row = 0; row < sizeof(options_table) / sizeof(options_table[0]); ++row) {
    const size_t size = options_table[row].size;
    for (size_t smaller = sizeof(uint32_t); smaller <= size; smaller += 4) {
      void *block = make_block(smaller, 0, NULL, 0);
      expect_of_options(row, block, "smaller", SPDL_OK);
      free(block);
    }
    unsigned char *block = make_block(size, 0, NULL, 0);
    memset(block, 0, sizeof(uint32_t));
    expect_of_options(row, block, "no size", SPDL_E_INVALID);
    CHECK(strstr(check_last_error()->message, "struct_size") != NULL);
    free(block);
    for (size_t more = 1; more <= 64; more += 7) {
      block = make_block(size + more, 0, NULL, 0);
      expect_of_options(row, block, "larger, zeros", SPDL_OK);
      block[size + more - 1] = 1;
      expect_of_options(row, block, "larger, not zeros", SPDL_E_INVALID);
      free(block);
    }
  }
  free_items();
}

/* What lies past struct_size is not read: a flag that would be refused is not seen. */
static void smaller_options_hide_fields(void) {
  make_items();
  spdl_decode_options options = {.struct_size = sizeof(options),
                                 .filter = SPDL_FILTER_CUSTOM,
                                 .filter_desc = "no_such_filter"};
  CHECK_STATUS(SPDL_E_FILTER, use_decode_options(&options));
  options.struct_size = offsetof(spdl_decode_options, filter);
  CHECK_OK(use_decode_options(&options));
  free_items();
}

/* ---- infos: written by the library ---- */

static spdl_status get_library_info(void *info, spdl_error *err) {
  return spdl_library_get_info(info, err);
}
static spdl_status get_source_info(void *info, spdl_error *err) {
  return spdl_source_get_info(items.picture, info, err);
}
static spdl_status get_demuxer_info(void *info, spdl_error *err) {
  return spdl_demuxer_get_info(items.demuxer, info, err);
}
static spdl_status get_chunk_info(void *info, spdl_error *err) {
  return spdl_chunk_get_info(items.chunk, info, err);
}
static spdl_status get_codec_info(void *info, spdl_error *err) {
  return spdl_codec_get_info(items.codec, info, err);
}
static spdl_status get_packets_info(void *info, spdl_error *err) {
  return spdl_packets_get_info(items.packets, info, err);
}
static spdl_status get_frames_info(void *info, spdl_error *err) {
  return spdl_frames_get_info(items.frames, info, err);
}
static spdl_status get_buffer_info(void *info, spdl_error *err) {
  return spdl_buffer_get_info(items.buffer, info, err);
}
static spdl_status get_batch_info(void *info, spdl_error *err) {
  return spdl_batch_get_info(items.batch, info, err);
}

static spdl_status get_wav_info(void *info, spdl_error *err) {
  media_bytes file = media_make_wav(8000, 1, 4);
  const spdl_status status = spdl_wav_parse(file.data, file.size, info, err);
  media_free(&file);
  return status;
}

static spdl_status get_npy_info(void *info, spdl_error *err) {
  static const char file[] =
      "\x93NUMPY\x01\x00\x30\x00{'descr':'|u1','fortran_order':True,'shape':()} ";
  return spdl_npy_parse(file, sizeof(file), info, err);
}

static const struct {
  const char *name;
  size_t size;
  spdl_status (*get)(void *info, spdl_error *err);
} info_table[] = {
    {"library_info", sizeof(spdl_library_info), get_library_info},
    {"source_info", sizeof(spdl_source_info), get_source_info},
    {"demuxer_info", sizeof(spdl_demuxer_info), get_demuxer_info},
    {"chunk_info", sizeof(spdl_chunk_info), get_chunk_info},
    {"codec_info", sizeof(spdl_codec_info), get_codec_info},
    {"packets_info", sizeof(spdl_packets_info), get_packets_info},
    {"frames_info", sizeof(spdl_frames_info), get_frames_info},
    {"buffer_info", sizeof(spdl_buffer_info), get_buffer_info},
    {"batch_info", sizeof(spdl_batch_info), get_batch_info},
    {"wav_info", sizeof(spdl_wav_info), get_wav_info},
    {"npy_info", sizeof(spdl_npy_info), get_npy_info},
};

static void check_tail(const unsigned char *block, size_t from, size_t to, int fill) {
  for (size_t i = from; i < to; ++i) CHECK_EQ(block[i], fill);
}

static void check_info(size_t row) {
  const size_t size = info_table[row].size;
  unsigned char *full = make_block(size, 0, NULL, 0);
  CHECK_OK(info_table[row].get(full, ERR));
  uint32_t struct_size;
  memcpy(&struct_size, full, sizeof(struct_size));
  CHECK_EQ(struct_size, size);

  for (size_t smaller = sizeof(uint32_t); smaller < size; smaller += 4) {
    unsigned char *block = make_block(smaller, 0xee, NULL, 0);
    CHECK_OK(info_table[row].get(block, ERR));
    CHECK_BYTES(block + sizeof(uint32_t), full + sizeof(uint32_t), smaller - sizeof(uint32_t));
    free(block);
  }
  unsigned char *larger = make_block(size + 40, 0, NULL, 0);
  CHECK_OK(info_table[row].get(larger, ERR));
  CHECK_BYTES(larger + sizeof(uint32_t), full + sizeof(uint32_t), size - sizeof(uint32_t));
  check_tail(larger, size, size + 40, 0);
  free(larger);
  free(full);
}

static void check_refused_info(size_t row) {
  const size_t size = info_table[row].size;
  unsigned char *larger = make_block(size + 40, 0xee, NULL, 0);
  CHECK_STATUS(SPDL_E_INVALID, info_table[row].get(larger, ERR));
  check_tail(larger, sizeof(uint32_t), size + 40, 0xee);
  memset(larger, 0, sizeof(uint32_t));
  CHECK_STATUS(SPDL_E_INVALID, info_table[row].get(larger, ERR));
  check_tail(larger, sizeof(uint32_t), size + 40, 0xee);
  free(larger);
}

static void infos(void) {
  make_items();
  for (size_t row = 0; row < sizeof(info_table) / sizeof(info_table[0]); ++row) {
    printf("  %s\n", info_table[row].name);
    check_info(row);
    check_refused_info(row);
  }
  free_items();
}

/* ---- the other two structs that the library writes ---- */

static void completion(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 21);
  job_gate_open(&gate);
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR));
  unsigned char *block = make_block(sizeof(spdl_completion) + 16, 0xee, NULL, 0);
  CHECK_STATUS(SPDL_E_INVALID, spdl_queue_next(queue, (spdl_completion *)block, ERR));
  memset(block, 0, sizeof(uint32_t));
  CHECK_STATUS(SPDL_E_INVALID, spdl_queue_next(queue, (spdl_completion *)block, ERR));
  check_tail(block, sizeof(uint32_t), sizeof(spdl_completion) + 16, 0xee);
  free(block);
  job_expect(queue, 21, SPDL_OK); /* Nothing was lost by the refusals. */
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

static void feed_request(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 22);
  job_gate_wait_running(&gate);
  unsigned char *block = make_block(sizeof(spdl_feed_request) + 16, 0xee, NULL, 0);
  spdl_feed_request *request = (spdl_feed_request *)block;
  CHECK_STATUS(SPDL_E_INVALID, spdl_source_feed_wait(gate.source, 0, request, ERR));
  memset(block, 0, sizeof(uint32_t));
  CHECK_STATUS(SPDL_E_INVALID, spdl_source_feed_wait(gate.source, 0, request, ERR));
  check_tail(block, sizeof(uint32_t), sizeof(spdl_feed_request) + 16, 0xee);
  free(block);
  job_gate_open(&gate);
  job_expect(queue, 22, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

CHECK_MAIN(CHECK_TEST(options), CHECK_TEST(smaller_options_hide_fields), CHECK_TEST(infos),
           CHECK_TEST(completion), CHECK_TEST(feed_request))
