/* SPDX-License-Identifier: BSD-2-Clause */
/* Queue rules: closing and freeing queues and pools with jobs in flight. */
#include "check.h"
#include "jobs.h"
#include "media.h"

static void close_empty(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_queue_close(queue);
  spdl_queue_close(queue);
  spdl_completion completion = {.struct_size = sizeof(completion)};
  CHECK_STATUS(SPDL_EOF, spdl_queue_next(queue, &completion, ERR));
  CHECK_STATUS(SPDL_EOF, spdl_queue_wait(queue, -1, ERR));
  CHECK_STATUS(SPDL_EOF, spdl_queue_cancel(queue, 1, ERR));
  spdl_queue_free(queue);
}

/* Closing refuses new jobs and cancels those at hand; the completions still come, then the end. */
static void close_with_jobs(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate done = job_gate_submit(queue, 1);
  job_gate_open(&done);
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR));
  job_gate running = job_gate_submit(queue, 2);
  job_gate_wait_running(&running);
  job_gate waiting = job_gate_submit(queue, 3);
  job_gate late = job_gate_make();
  spdl_queue_close(queue);
  CHECK_ERROR(SPDL_E_INVALID, "closed", job_gate_try_submit(&late, queue, 4, NULL, ERR));
  unsigned seen = 0;
  for (int i = 0; i < 3; ++i) {
    const job_end end = job_collect(queue);
    seen |= 1u << end.completion.tag;
    job_check_end(&end, end.completion.tag, end.completion.tag == 1 ? SPDL_OK : SPDL_E_CANCELLED);
  }
  CHECK_EQ(seen, 0xe);
  spdl_completion completion = {.struct_size = sizeof(completion)};
  CHECK_STATUS(SPDL_EOF, spdl_queue_next(queue, &completion, ERR));
  CHECK_STATUS(SPDL_EOF, spdl_queue_wait(queue, -1, ERR));
  job_gate_free(&done);
  job_gate_free(&running);
  job_gate_free(&waiting);
  job_gate_free(&late);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* So is one when the queue is freed while a job runs. */
static void *wait_without_end(void *queue) {
  return spdl_queue_wait(queue, -1, NULL) == SPDL_EOF ? NULL : "no end";
}

static void free_wakes_a_waiter_of_a_job(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate running = job_gate_submit(queue, 1);
  job_gate_wait_running(&running);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, wait_without_end, queue), 0);
  check_sleep_ms(20);
  spdl_queue_free(queue);
  void *failed = NULL;
  CHECK_EQ(pthread_join(thread, &failed), 0);
  CHECK(!failed);
  job_gate_free(&running);
  spdl_pool_free(pool);
}

static void *wait_for_the_end(void *queue) {
  return spdl_queue_wait(queue, PATIENCE, NULL) == SPDL_EOF ? NULL : "no end";
}

/* A thread that waits is woken when the queue is closed. */
static void close_wakes_a_waiter(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, wait_for_the_end, queue), 0);
  check_sleep_ms(20);
  const int64_t start = check_now_ns();
  spdl_queue_close(queue);
  void *problem = NULL;
  pthread_join(thread, &problem);
  CHECK(problem == NULL);
  CHECK(check_now_ns() - start < SECONDS);
  spdl_queue_free(queue);
}

static void free_wakes_a_waiter(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, wait_for_the_end, queue), 0);
  check_sleep_ms(50);
  spdl_queue_free(queue);
  void *problem = NULL;
  pthread_join(thread, &problem);
  CHECK(problem == NULL);
}

/* The pool serves on, also while a job of the freed queue still runs. */
static void free_with_jobs(void) {
  spdl_pool *pool = job_pool(2);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate done = job_gate_submit(queue, 1);
  job_gate_open(&done);
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR)); /* Its result is dropped with the queue. */
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_BUFFER), 1);
  job_gate running = job_gate_submit(queue, 2);
  job_gate_wait_running(&running);
  job_gate second = job_gate_submit(queue, 3);
  job_gate_wait_running(&second);
  job_gate waiting = job_gate_submit(queue, 4);
  const int64_t start = check_now_ns();
  spdl_queue_free(queue);
  CHECK(check_now_ns() - start < 100 * MILLISECONDS * CHECK_SLOWDOWN);
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_BUFFER), 0);
  job_gate_wait_end(&running);
  job_gate_wait_end(&second);
  job_gate_wait_end(&waiting);
  queue = job_queue(pool, 0);
  job_gate next = job_gate_submit(queue, 5);
  job_gate_open(&next);
  job_expect(queue, 5, SPDL_OK);
  job_gate_free(&done);
  job_gate_free(&running);
  job_gate_free(&second);
  job_gate_free(&waiting);
  job_gate_free(&next);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* Freed while hundreds of short jobs run and wait. */
static void free_with_many_jobs(void) {
  media_bytes picture = media_make_ppm(32, 32);
  for (int round = 0; round < 10; ++round) {
    spdl_source *source = media_open_bytes(&picture, 1);
    spdl_queue *queue = job_queue(NULL, 0);
    for (uint64_t tag = 0; tag < 100; ++tag)
      CHECK_OK(spdl_source_load_submit(queue, tag, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
    spdl_source_free(source);
    if (round % 2) spdl_queue_wait(queue, PATIENCE, NULL);
    spdl_queue_free(queue);
    check_tag_released(1);
  }
  media_free(&picture);
}

/* Queues keep the pool whose handle is freed. */
static void pool_freed_before_the_queue(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate running = job_gate_submit(queue, 1);
  job_gate_wait_running(&running);
  job_gate waiting = job_gate_submit(queue, 2);
  spdl_pool_free(pool);
  job_gate late = job_gate_submit(queue, 3);
  job_gate_open(&running);
  job_gate_open(&waiting);
  job_gate_open(&late);
  for (uint64_t tag = 1; tag <= 3; ++tag) job_expect(queue, tag, SPDL_OK);
  job_gate_free(&running);
  job_gate_free(&waiting);
  job_gate_free(&late);
  spdl_queue_free(queue);
}

static void pool_and_queue_freed_with_jobs(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate running = job_gate_submit(queue, 1);
  job_gate_wait_running(&running);
  job_gate waiting = job_gate_submit(queue, 2);
  spdl_pool_free(pool);
  spdl_queue_free(queue);
  job_gate_wait_end(&running);
  job_gate_wait_end(&waiting);
  job_gate_free(&running);
  job_gate_free(&waiting);
}

/* The result of a job outlives the queue that ran it. */
static void results_outlive_the_queue(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_open(&gate);
  const job_end end = job_collect(queue);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
  const spdl_buffer_info info = media_buffer_info(end.completion.result);
  CHECK_EQ(info.size, 8 * 6 * 3);
  CHECK_BYTES(info.data, gate.picture.data + gate.picture.size - info.size, info.size);
  job_check_end(&end, 1, SPDL_OK);
  job_gate_free(&gate);
}

CHECK_MAIN(CHECK_TEST(close_empty), CHECK_TEST(close_with_jobs), CHECK_TEST(close_wakes_a_waiter),
           CHECK_TEST(free_wakes_a_waiter), CHECK_TEST(free_wakes_a_waiter_of_a_job),
           CHECK_TEST(free_with_jobs), CHECK_TEST(free_with_many_jobs),
           CHECK_TEST(pool_freed_before_the_queue), CHECK_TEST(pool_and_queue_freed_with_jobs),
           CHECK_TEST(results_outlive_the_queue))
