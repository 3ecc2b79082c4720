/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/queue.h: jobs and their completions. Cancelling is in cancel.c, the fd in wakeup.c, ends in
 * shutdown.c, pools in pool.c, many threads in threads.c. */
#include "spdl/queue.h"

#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static void empty_queue(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_check_none_ready(queue);
  CHECK_STATUS(SPDL_EOF, spdl_queue_cancel(queue, 1, ERR));
  job_check_none_ready(queue);
  spdl_queue_free(queue);
}

/* What the jobs of every_operation() work on. */
static struct {
  spdl_source *source;
  spdl_demuxer *demuxer;
  spdl_packets *packets;
  spdl_frames *frames;
} items;

static spdl_status submit_open(spdl_queue *queue, uint64_t tag) {
  return spdl_demuxer_open_submit(queue, tag, items.source, NULL, NULL, NULL);
}
static spdl_status submit_demuxer_demux(spdl_queue *queue, uint64_t tag) {
  return spdl_demuxer_demux_submit(queue, tag, items.demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, NULL);
}
static spdl_status submit_demux(spdl_queue *queue, uint64_t tag) {
  return spdl_source_demux_submit(queue, tag, items.source, SPDL_MEDIA_VIDEO, NULL, NULL, NULL,
                                  NULL);
}
static spdl_status submit_decode(spdl_queue *queue, uint64_t tag) {
  return spdl_packets_decode_submit(queue, tag, items.packets, NULL, NULL, NULL);
}
static spdl_status submit_convert(spdl_queue *queue, uint64_t tag) {
  const spdl_frames *frames = items.frames;
  return spdl_frames_convert_submit(queue, tag, &frames, 1, NULL, NULL, NULL);
}
static spdl_status submit_load(spdl_queue *queue, uint64_t tag) {
  return spdl_source_load_submit(queue, tag, items.source, SPDL_MEDIA_VIDEO, NULL, NULL, NULL);
}
static spdl_status submit_batch(spdl_queue *queue, uint64_t tag) {
  const spdl_source *sources[] = {items.source, items.source};
  return spdl_batch_load_submit(queue, tag, sources, 2, NULL, NULL, NULL);
}
static spdl_status submit_sample(spdl_queue *queue, uint64_t tag) {
  static const int64_t indices[] = {1, 3};
  return spdl_packets_sample_submit(queue, tag, items.packets, indices, 2, NULL, NULL, NULL);
}

static const struct {
  spdl_status (*submit)(spdl_queue *queue, uint64_t tag);
  uint32_t kind;
} operations[] = {
    {submit_open, SPDL_KIND_DEMUXER},   {submit_demuxer_demux, SPDL_KIND_PACKETS},
    {submit_demux, SPDL_KIND_PACKETS},  {submit_decode, SPDL_KIND_FRAMES},
    {submit_convert, SPDL_KIND_BUFFER}, {submit_load, SPDL_KIND_BUFFER},
    {submit_batch, SPDL_KIND_BATCH},    {submit_sample, SPDL_KIND_SAMPLES},
};
enum { NUM_OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static void make_items(void) {
  items.source = media_open(PICTURES_NUT);
  items.packets = media_demux(items.source, SPDL_MEDIA_VIDEO);
  items.frames = media_decode(items.packets, NULL);
  CHECK_OK(spdl_demuxer_open(items.source, NULL, NULL, &items.demuxer, ERR));
}

static void free_items(void) {
  spdl_source_free(items.source);
  spdl_demuxer_free(items.demuxer);
  spdl_packets_free(items.packets);
  spdl_frames_free(items.frames);
}

/* One completion for each job, with its tag and a result of its kind, and no second one. */
static void exactly_one_completion(void) {
  make_items();
  spdl_queue *queue = job_queue(NULL, 0);
  for (uint64_t i = 0; i < NUM_OPERATIONS; ++i)
    CHECK_OK(operations[i].submit(queue, UINT64_MAX - i));
  unsigned seen = 0;
  for (int i = 0; i < NUM_OPERATIONS; ++i) {
    const job_end end = job_collect(queue);
    const uint64_t row = UINT64_MAX - end.completion.tag;
    CHECK(row < NUM_OPERATIONS && !(seen & (1u << row)));
    seen |= 1u << row;
    CHECK_EQ(end.completion.kind, operations[row].kind);
    CHECK(spdl_library_count_handles(operations[row].kind) > 0);
    job_check_end(&end, UINT64_MAX - row, SPDL_OK);
  }
  check_sleep_ms(20);
  job_check_none_ready(queue);
  spdl_queue_free(queue);
  free_items();
}

/* The inputs of a job may be freed as soon as it is submitted. */
static void inputs_freed_after_submission(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate gate = job_gate_submit(queue, 100);
  job_gate_wait_running(&gate);
  make_items();
  for (uint64_t i = 0; i < NUM_OPERATIONS; ++i) CHECK_OK(operations[i].submit(queue, i));
  free_items();
  job_gate_open(&gate);
  for (int i = 0; i <= NUM_OPERATIONS; ++i) {
    const job_end end = job_collect(queue);
    job_check_end(&end, end.completion.tag, SPDL_OK);
  }
  job_gate_free(&gate);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* One worker runs jobs in the order of submission; the tags may be all the same. */
static void equal_tags(void) {
  make_items();
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  for (int i = 0; i < NUM_OPERATIONS; ++i) CHECK_OK(operations[i].submit(queue, 5));
  for (int i = 0; i < NUM_OPERATIONS; ++i) {
    const job_end end = job_collect(queue);
    CHECK_EQ(end.completion.kind, operations[i].kind);
    job_check_end(&end, 5, SPDL_OK);
  }
  spdl_queue_free(queue);
  spdl_pool_free(pool);
  free_items();
}

/* A failed job completes with the error of the blocking form and no result. */
static void failed_job(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_from_path("/nowhere/a.jpg", NULL, &source, ERR));
  CHECK_OK(spdl_source_load_submit(queue, 3, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  const job_end end = job_collect(queue);
  CHECK_STATUS(SPDL_E_NOT_FOUND,
               spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  CHECK_STRING(end.error.message, check_last_error()->message);
  CHECK_EQ(end.error.origin, check_last_error()->origin);
  CHECK_EQ(end.error.native_code, check_last_error()->native_code);
  job_check_end(&end, 3, SPDL_E_NOT_FOUND);
  spdl_source_free(source);
  spdl_queue_free(queue);
}

/* A full queue answers SPDL_AGAIN; a place is free again only after a completion is collected. */
static void back_pressure(void) {
  spdl_pool *pool = job_pool(2);
  spdl_queue *queue = job_queue(pool, 2);
  job_gate first = job_gate_submit(queue, 1);
  job_gate second = job_gate_submit(queue, 2);
  job_gate third = job_gate_make();
  CHECK_STATUS(SPDL_AGAIN, job_gate_try_submit(&third, queue, 3, NULL, ERR));
  job_gate_open(&first);
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR)); /* Completed, not collected. */
  CHECK_STATUS(SPDL_AGAIN, job_gate_try_submit(&third, queue, 3, NULL, ERR));
  job_expect(queue, 1, SPDL_OK);
  CHECK_OK(job_gate_try_submit(&third, queue, 3, NULL, ERR));
  CHECK_STATUS(SPDL_AGAIN, job_gate_try_submit(&first, queue, 4, NULL, ERR));
  job_gate_open(&second);
  job_expect(queue, 2, SPDL_OK);
  job_gate_open(&third);
  job_expect(queue, 3, SPDL_OK);
  job_check_none_ready(queue); /* The refused submissions gave none. */
  job_gate_free(&first);
  job_gate_free(&second);
  job_gate_free(&third);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* Capacity counts per queue: a full one does not bar another one on the same pool. */
static void capacity_is_per_queue(void) {
  spdl_pool *pool = job_pool(2);
  spdl_queue *full = job_queue(pool, 1);
  spdl_queue *other = job_queue(pool, 1);
  job_gate gate = job_gate_submit(full, 1);
  job_gate job = job_gate_make();
  CHECK_STATUS(SPDL_AGAIN, job_gate_try_submit(&job, full, 2, NULL, ERR));
  CHECK_OK(job_gate_try_submit(&job, other, 2, NULL, ERR));
  job_gate_open(&job);
  job_expect(other, 2, SPDL_OK);
  job_check_none_ready(full); /* Completions go to the queue of their job. */
  job_gate_open(&gate);
  job_expect(full, 1, SPDL_OK);
  job_gate_free(&job);
  job_gate_free(&gate);
  spdl_queue_free(full);
  spdl_queue_free(other);
  spdl_pool_free(pool);
}

static void default_capacity(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate gate = job_gate_submit(queue, 0);
  media_bytes picture = media_make_ppm(2, 2);
  spdl_source *source = media_open_bytes(&picture, 1);
  for (uint64_t tag = 1; tag < 1024; ++tag)
    CHECK_OK(spdl_source_load_submit(queue, tag, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  CHECK_STATUS(SPDL_AGAIN,
               spdl_source_load_submit(queue, 1024, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
  job_gate_open(&gate);
  for (uint64_t tag = 0; tag < 1024; ++tag) job_expect(queue, tag, SPDL_OK);
  job_check_none_ready(queue);
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&picture);
  job_gate_free(&gate);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

static void wait_timeouts(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 1);
  const int64_t start = check_now_ns();
  CHECK_STATUS(SPDL_AGAIN, spdl_queue_wait(queue, 0, ERR));
  CHECK_STATUS(SPDL_AGAIN, spdl_queue_wait(queue, 30 * MILLISECONDS, ERR));
  const int64_t took = check_now_ns() - start;
  CHECK(took >= 30 * MILLISECONDS && took < 300 * MILLISECONDS * CHECK_SLOWDOWN);
  job_gate_open(&gate);
  CHECK_OK(spdl_queue_wait(queue, -1, ERR));
  CHECK_OK(spdl_queue_wait(queue, 0, ERR)); /* It takes nothing. */
  CHECK_OK(spdl_queue_wait(queue, INT64_MAX, ERR));
  job_expect(queue, 1, SPDL_OK);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

/* A job's result is the blocking form's. */
static void same_result_as_blocking(void) {
  make_items();
  spdl_queue *queue = job_queue(NULL, 0);
  CHECK_OK(submit_load(queue, 1));
  const job_end end = job_collect(queue);
  CHECK_EQ(end.completion.kind, SPDL_KIND_BUFFER);
  spdl_buffer *reference = media_load(items.source, SPDL_MEDIA_VIDEO);
  media_check_equal(end.completion.result, reference);
  job_check_end(&end, 1, SPDL_OK);
  spdl_buffer_free(reference);
  spdl_queue_free(queue);
  free_items();
}

CHECK_MAIN(CHECK_TEST(empty_queue), CHECK_TEST(exactly_one_completion),
           CHECK_TEST(inputs_freed_after_submission), CHECK_TEST(equal_tags),
           CHECK_TEST(failed_job), CHECK_TEST(back_pressure), CHECK_TEST(capacity_is_per_queue),
           CHECK_TEST(default_capacity), CHECK_TEST(wait_timeouts),
           CHECK_TEST(same_result_as_blocking))
