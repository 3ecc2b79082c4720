/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule for structs that begin with `struct_size`, for each of them (spdl_error: types.c): a
 * smaller one counts as filled up with zeros, a larger one must hold zeros there, zero is no size.
 * */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"
#include "struct_size.h"

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
  spdl_samples *samples;
  spdl_filter_graph *graph;
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
  CHECK_OK(spdl_filter_graph_open("testsrc,buffersink", NULL, &items.graph, ERR));
  spdl_packets *video = media_demux(items.video, SPDL_MEDIA_VIDEO);
  const int64_t first = 0;
  CHECK_OK(spdl_packets_sample(video, &first, 1, NULL, NULL, &items.samples, ERR));
  spdl_packets_free(video);
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
  spdl_samples_free(items.samples);
  spdl_filter_graph_free(items.graph);
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

static const struct_size_options options_table[] = {
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

static void options(void) {
  make_items();
  for (size_t row = 0; row < sizeof(options_table) / sizeof(options_table[0]); ++row)
    struct_size_check_options(&options_table[row]);
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

#define GET_INFO(noun, call) \
  static spdl_status get_##noun##_info(void *info, spdl_error *err) { return call; }

GET_INFO(library, spdl_library_get_info(info, err))
GET_INFO(source, spdl_source_get_info(items.picture, info, err))
GET_INFO(demuxer, spdl_demuxer_get_info(items.demuxer, info, err))
GET_INFO(chunk, spdl_chunk_get_info(items.chunk, info, err))
GET_INFO(container, spdl_demuxer_get_container(items.demuxer, info, err))
GET_INFO(stream, spdl_demuxer_get_stream(items.demuxer, 0, info, err))
GET_INFO(codec, spdl_codec_get_info(items.codec, info, err))
GET_INFO(packets, spdl_packets_get_info(items.packets, info, err))
GET_INFO(frames, spdl_frames_get_info(items.frames, info, err))
GET_INFO(buffer, spdl_buffer_get_info(items.buffer, info, err))
GET_INFO(batch, spdl_batch_get_info(items.batch, info, err))
GET_INFO(samples, spdl_samples_get_info(items.samples, info, err))
GET_INFO(filter_graph, spdl_filter_graph_get_info(items.graph, info, err))

static const struct_size_info info_table[] = {
    {"library_info", sizeof(spdl_library_info), get_library_info},
    {"source_info", sizeof(spdl_source_info), get_source_info},
    {"demuxer_info", sizeof(spdl_demuxer_info), get_demuxer_info},
    {"chunk_info", sizeof(spdl_chunk_info), get_chunk_info},
    {"container_info", sizeof(spdl_container_info), get_container_info},
    {"stream_info", sizeof(spdl_stream_info), get_stream_info},
    {"codec_info", sizeof(spdl_codec_info), get_codec_info},
    {"packets_info", sizeof(spdl_packets_info), get_packets_info},
    {"frames_info", sizeof(spdl_frames_info), get_frames_info},
    {"buffer_info", sizeof(spdl_buffer_info), get_buffer_info},
    {"batch_info", sizeof(spdl_batch_info), get_batch_info},
    {"samples_info", sizeof(spdl_samples_info), get_samples_info},
    {"filter_graph_info", sizeof(spdl_filter_graph_info), get_filter_graph_info},
};

static void infos(void) {
  make_items();
  for (size_t row = 0; row < sizeof(info_table) / sizeof(info_table[0]); ++row)
    struct_size_check_info(&info_table[row]);
  free_items();
}

/* ---- the other two structs that the library writes ---- */

static void completion(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 21);
  job_gate_open(&gate);
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR));
  unsigned char *block = struct_size_block(sizeof(spdl_completion) + 16, 0xee, NULL, 0);
  CHECK_STATUS(SPDL_E_INVALID, spdl_queue_next(queue, (spdl_completion *)block, ERR));
  memset(block, 0, sizeof(uint32_t));
  CHECK_STATUS(SPDL_E_INVALID, spdl_queue_next(queue, (spdl_completion *)block, ERR));
  struct_size_check_tail(block, sizeof(uint32_t), sizeof(spdl_completion) + 16, 0xee);
  free(block);
  job_expect(queue, 21, SPDL_OK); /* Nothing was lost by the refusals. */
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

static void feed_request(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 22);
  job_gate_wait_running(&gate);
  unsigned char *block = struct_size_block(sizeof(spdl_feed_request) + 16, 0xee, NULL, 0);
  spdl_feed_request *request = (spdl_feed_request *)block;
  CHECK_STATUS(SPDL_E_INVALID, spdl_source_feed_wait(gate.source, 0, request, ERR));
  memset(block, 0, sizeof(uint32_t));
  CHECK_STATUS(SPDL_E_INVALID, spdl_source_feed_wait(gate.source, 0, request, ERR));
  struct_size_check_tail(block, sizeof(uint32_t), sizeof(spdl_feed_request) + 16, 0xee);
  free(block);
  job_gate_open(&gate);
  job_expect(queue, 22, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

CHECK_MAIN(CHECK_TEST(options), CHECK_TEST(smaller_options_hide_fields), CHECK_TEST(infos),
           CHECK_TEST(completion), CHECK_TEST(feed_request))
