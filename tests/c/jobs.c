/* SPDX-License-Identifier: BSD-2-Clause */
#include "jobs.h"

#include <errno.h>

spdl_pool *job_pool(uint32_t num_threads) {
  const spdl_pool_options options = {.struct_size = sizeof(options), .num_threads = num_threads};
  spdl_pool *pool = NULL;
  CHECK_OK(spdl_pool_create(&options, &pool, ERR));
  return pool;
}

spdl_queue *job_queue(const spdl_pool *pool, uint32_t capacity) {
  const spdl_queue_options options = {.struct_size = sizeof(options), .capacity = capacity};
  spdl_queue *queue = NULL;
  CHECK_OK(spdl_queue_create(pool, &options, &queue, ERR));
  return queue;
}

job_end job_collect(spdl_queue *queue) {
  job_end end = {{.struct_size = sizeof(spdl_completion)}, {.struct_size = sizeof(spdl_error)}};
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR));
  CHECK_OK(spdl_queue_next(queue, &end.completion, &end.error));
  const spdl_completion *done = &end.completion;
  CHECK(done->status == SPDL_OK || done->result == NULL);
  CHECK((done->result != NULL) == (done->kind != SPDL_KIND_NONE));
  CHECK_EQ(end.error.status, done->status < 0 ? done->status : SPDL_OK);
  CHECK((done->status < 0) == (end.error.message[0] != 0));
  return end;
}

void job_check_none_ready(spdl_queue *queue) {
  spdl_completion completion = {.struct_size = sizeof(completion), .tag = 77};
  CHECK_STATUS(SPDL_AGAIN, spdl_queue_next(queue, &completion, ERR));
  CHECK_EQ(completion.tag, 77);
  CHECK_STATUS(SPDL_AGAIN, spdl_queue_wait(queue, 0, ERR));
}

void job_check_end(const job_end *end, uint64_t tag, spdl_status status) {
  if (end->completion.status != status)
    check_fail(__FILE__, __LINE__, "the job %llu ended with %d, not %d: %s",
               (unsigned long long)end->completion.tag, end->completion.status, status,
               end->error.message);
  CHECK_EQ(end->completion.tag, tag);
  job_free_result(&end->completion);
}

void job_expect(spdl_queue *queue, uint64_t tag, spdl_status status) {
  const job_end end = job_collect(queue);
  job_check_end(&end, tag, status);
}

void job_free_result(const spdl_completion *completion) {
  switch (completion->kind) {
    case SPDL_KIND_NONE:
      break;
    case SPDL_KIND_DEMUXER:
      spdl_demuxer_free(completion->result);
      break;
    case SPDL_KIND_PACKETS:
      spdl_packets_free(completion->result);
      break;
    case SPDL_KIND_CHUNK:
      spdl_chunk_free(completion->result);
      break;
    case SPDL_KIND_FRAMES:
      spdl_frames_free(completion->result);
      break;
    case SPDL_KIND_BUFFER:
      spdl_buffer_free(completion->result);
      break;
    case SPDL_KIND_BATCH:
      spdl_batch_free(completion->result);
      break;
    case SPDL_KIND_ZIP:
      spdl_zip_free(completion->result);
      break;
    case SPDL_KIND_SAMPLES:
      spdl_samples_free(completion->result);
      break;
    default:
      check_fail(__FILE__, __LINE__, "no job gives a result of kind %u", completion->kind);
  }
}

job_gate job_gate_make(void) {
  job_gate gate = {NULL, media_make_ppm(8, 6)};
  CHECK_OK(spdl_source_from_feed((int64_t)gate.picture.size, "gate", &gate.source, ERR));
  return gate;
}

spdl_status job_gate_try_submit(const job_gate *gate, spdl_queue *queue, uint64_t tag,
                                const spdl_limits *limits, spdl_error *err) {
  return spdl_source_load_submit(queue, tag, gate->source, SPDL_MEDIA_IMAGE, NULL, limits, err);
}

job_gate job_gate_submit(spdl_queue *queue, uint64_t tag) {
  const job_gate gate = job_gate_make();
  CHECK_OK(job_gate_try_submit(&gate, queue, tag, NULL, ERR));
  return gate;
}

void job_gate_wait_running(const job_gate *gate) {
  spdl_feed_request request = {.struct_size = sizeof(request)};
  CHECK_OK(spdl_source_feed_wait(gate->source, PATIENCE, &request, ERR));
}

void job_gate_wait_end(const job_gate *gate) {
  spdl_feed_request request = {.struct_size = sizeof(request)};
  const int64_t end = check_now_ns() + PATIENCE;
  for (;;) {
    const spdl_status status =
        spdl_source_feed_wait(gate->source, 10 * MILLISECONDS, &request, NULL);
    if (status == SPDL_EOF) return;
    CHECK(status == SPDL_OK || status == SPDL_AGAIN); /* A last request, not withdrawn yet. */
    CHECK(check_now_ns() < end);
  }
}

void job_gate_check_waiting(const job_gate *gate) {
  spdl_feed_request request = {.struct_size = sizeof(request)};
  CHECK_STATUS(SPDL_AGAIN, spdl_source_feed_wait(gate->source, 20 * MILLISECONDS, &request, ERR));
}

void job_gate_open(const job_gate *gate) {
  job_feeder feeder = {
      .source = gate->source, .data = gate->picture.data, .size = gate->picture.size};
  job_feeder_serve(&feeder);
}

void job_gate_free(job_gate *gate) {
  spdl_source_free(gate->source);
  media_free(&gate->picture);
}

/* The operation may end while an answer is under way: SPDL_EOF then, as at its end. */
static spdl_status answer(job_feeder *feeder, const spdl_feed_request *request) {
  const size_t offset = (size_t)request->offset;
  CHECK(request->offset >= 0 && request->size > 0);
  size_t count = offset < feeder->size ? feeder->size - offset : 0;
  if (count > (size_t)request->size) count = (size_t)request->size;
  if (feeder->max_bytes && count > feeder->max_bytes) count = feeder->max_bytes;
  feeder->next = request->offset + (int64_t)count;
  if (feeder->fail_at && offset + count > (size_t)feeder->fail_at)
    return spdl_source_feed_put(feeder->source, NULL, 0, EIO, NULL);
  return spdl_source_feed_put(feeder->source, count ? feeder->data + offset : NULL, count, 0, NULL);
}

void job_feeder_serve(job_feeder *feeder) {
  for (;;) {
    spdl_feed_request request = {.struct_size = sizeof(request)};
    const spdl_status status = spdl_source_feed_wait(feeder->source, PATIENCE, &request, NULL);
    if (status == SPDL_EOF) return;
    CHECK_EQ(status, SPDL_OK);
    ++feeder->num_answers;
    if (request.offset != feeder->next) ++feeder->num_seeks;
    const spdl_status put = answer(feeder, &request);
    CHECK(put == SPDL_OK || put == SPDL_EOF);
  }
}

static void *serve(void *feeder) {
  job_feeder_serve(feeder);
  return NULL;
}

void job_feeder_start(job_feeder *feeder) {
  CHECK_EQ(pthread_create(&feeder->thread, NULL, serve, feeder), 0);
}

void job_feeder_join(job_feeder *feeder) { CHECK_EQ(pthread_join(feeder->thread, NULL), 0); }

spdl_packets *job_heavy_packets(size_t num_repeats, uint64_t tag, media_bytes *out_bytes) {
  *out_bytes = media_read(HEAVY_H264);
  media_repeat(out_bytes, num_repeats);
  spdl_source *source = media_open_bytes(out_bytes, tag);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_VIDEO);
  spdl_source_free(source);
  return packets;
}

spdl_decode_options job_heavy_options(void) {
  const spdl_decode_options options = {.struct_size = sizeof(options),
                                       .filter = SPDL_FILTER_CUSTOM,
                                       .filter_desc = "scale=16:16:flags=bicubic,format=rgb24"};
  return options;
}
