/* SPDX-License-Identifier: BSD-2-Clause */
/* Queue rules: cancelling, and deadlines. Either way a job has exactly one completion. */
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

/* A job that is cancelled before it starts completes at once, although all workers are busy. */
static void before_it_starts(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  job_gate running = job_gate_submit(queue, 1);
  job_gate_wait_running(&running);
  job_gate waiting = job_gate_submit(queue, 2);
  job_check_none_ready(queue);
  CHECK_OK(spdl_queue_cancel(queue, 2, ERR));
  CHECK_OK(spdl_queue_wait(queue, 0, ERR)); /* No time has to pass. */
  job_expect(queue, 2, SPDL_E_CANCELLED);
  CHECK_STATUS(SPDL_EOF, spdl_queue_cancel(queue, 2, ERR));
  job_gate_open(&running);
  job_expect(queue, 1, SPDL_OK);
  check_sleep_ms(20);
  job_check_none_ready(queue);
  job_gate_free(&running);
  job_gate_free(&waiting);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

static void while_it_waits_for_input(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_wait_running(&gate);
  const int64_t start = check_now_ns();
  CHECK_OK(spdl_queue_cancel(queue, 1, ERR));
  job_expect(queue, 1, SPDL_E_CANCELLED);
  CHECK(check_now_ns() - start < 100 * MILLISECONDS * CHECK_SLOWDOWN);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

/* A decode of several seconds ends within a packet or two, and its worker is free again. */
static void while_it_decodes(void) {
  media_bytes heavy;
  spdl_packets *packets = job_heavy_packets(40, 1, &heavy);
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  const spdl_decode_options decode = job_heavy_options();
  CHECK_OK(spdl_packets_decode_submit(queue, 1, packets, &decode, NULL, ERR));
  check_sleep_ms(100);
  job_check_none_ready(queue);
  const int64_t start = check_now_ns();
  CHECK_OK(spdl_queue_cancel(queue, 1, ERR));
  job_expect(queue, 1, SPDL_E_CANCELLED);
  CHECK(check_now_ns() - start < 150 * MILLISECONDS * CHECK_SLOWDOWN);
  job_gate gate = job_gate_submit(queue, 2);
  job_gate_open(&gate);
  job_expect(queue, 2, SPDL_OK);
  CHECK(check_now_ns() - start < 300 * MILLISECONDS * CHECK_SLOWDOWN);
  job_gate_free(&gate);
  spdl_packets_free(packets);
  check_tag_released(1);
  media_free(&heavy);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

static void after_it_completed(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  job_gate gate = job_gate_submit(queue, 1);
  job_gate_open(&gate);
  CHECK_OK(spdl_queue_wait(queue, PATIENCE, ERR));
  CHECK_STATUS(SPDL_EOF, spdl_queue_cancel(queue, 1, ERR));
  job_expect(queue, 1, SPDL_OK);
  CHECK_STATUS(SPDL_EOF, spdl_queue_cancel(queue, 1, ERR));
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

/* All jobs with the tag, and no others; tags are per queue. */
static void by_tag(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0), *other = job_queue(pool, 0);
  job_gate gates[5];
  gates[0] = job_gate_submit(queue, 7);
  job_gate_wait_running(&gates[0]);
  gates[1] = job_gate_submit(queue, 7);
  gates[2] = job_gate_submit(queue, 8);
  gates[3] = job_gate_submit(queue, 7);
  gates[4] = job_gate_submit(other, 7);
  CHECK_OK(spdl_queue_cancel(queue, 7, ERR));
  for (int i = 0; i < 3; ++i) job_expect(queue, 7, SPDL_E_CANCELLED);
  job_gate_open(&gates[2]);
  job_expect(queue, 8, SPDL_OK);
  job_gate_open(&gates[4]);
  job_expect(other, 7, SPDL_OK);
  for (int i = 0; i < 5; ++i) job_gate_free(&gates[i]);
  spdl_queue_free(queue);
  spdl_queue_free(other);
  spdl_pool_free(pool);
}

/* Each round races the cancellation against the job's own end: one completion, of either kind. */
static void racing_with_its_end(void) {
  media_bytes picture = media_make_ppm(8, 8);
  spdl_source *source = media_open_bytes(&picture, 1);
  spdl_queue *queue = job_queue(NULL, 0);
  int num_ok = 0, num_cancelled = 0;
  for (uint64_t tag = 0; tag < 400; ++tag) {
    CHECK_OK(spdl_source_load_submit(queue, tag, source, SPDL_MEDIA_IMAGE, NULL, NULL, ERR));
    if (tag % 2) check_sleep_ms(0);
    const spdl_status status = spdl_queue_cancel(queue, tag, ERR);
    CHECK(status == SPDL_OK || status == SPDL_EOF);
    const job_end end = job_collect(queue);
    if (end.completion.status != SPDL_OK && end.completion.status != SPDL_E_CANCELLED)
      check_fail(__FILE__, __LINE__, "the job ended with: %s", end.error.message);
    if (status == SPDL_EOF) CHECK_EQ(end.completion.status, SPDL_OK);
    end.completion.status == SPDL_OK ? ++num_ok : ++num_cancelled;
    job_check_end(&end, tag, end.completion.status);
  }
  job_check_none_ready(queue);
  CHECK_EQ(num_ok + num_cancelled, 400);
  spdl_source_free(source);
  check_tag_released(1);
  media_free(&picture);
  spdl_queue_free(queue);
}

/* `out` is the caller's again once the completion came: nothing is written to it after that. */
static void output_is_left_alone_after_the_completion(void) {
  enum { WIDTH = 640, HEIGHT = 480, SIZE = WIDTH * HEIGHT * 3 };
  media_bytes picture = media_make_ppm(WIDTH, HEIGHT);
  spdl_source *source = media_open_bytes(&picture, 1);
  spdl_queue *queue = job_queue(NULL, 0);
  unsigned char *array = malloc(SIZE);
  spdl_memory *out = NULL;
  CHECK_OK(spdl_memory_borrow(array, SIZE, SPDL_MEMORY_WRITABLE, 2, &out, ERR));
  const spdl_load_options load = {.struct_size = sizeof(load), .out = out};
  for (uint64_t tag = 0; tag < 30; ++tag) {
    CHECK_OK(spdl_source_load_submit(queue, tag, source, SPDL_MEDIA_IMAGE, &load, NULL, ERR));
    while (tag && spdl_queue_wait(queue, 0, NULL) == SPDL_AGAIN && (check_now_ns() & 63)) continue;
    const spdl_status status = spdl_queue_cancel(queue, tag, ERR);
    CHECK(status == SPDL_OK || status == SPDL_EOF);
    const job_end end = job_collect(queue);
    memset(array, 0xee, SIZE);
    check_sleep_ms(2);
    for (size_t i = 0; i < SIZE; i += 97) CHECK_EQ(array[i], 0xee);
    job_check_end(&end, tag, end.completion.status);
  }
  spdl_memory_free(out);
  check_tag_released(2);
  spdl_source_free(source);
  check_tag_released(1);
  free(array);
  media_free(&picture);
  spdl_queue_free(queue);
}

static void *trigger(void *cancel) {
  check_sleep_ms(10);
  spdl_cancel_trigger(cancel);
  return NULL;
}

/* A cancel flag ends jobs of any queue, from any thread. */
static void by_flag_from_another_thread(void) {
  spdl_pool *pool = job_pool(2);
  spdl_queue *queues[2] = {job_queue(pool, 0), job_queue(pool, 0)};
  spdl_cancel *cancel = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  const spdl_limits limits = {.struct_size = sizeof(limits), .cancel = cancel};
  job_gate gates[3] = {job_gate_make(), job_gate_make(), job_gate_make()};
  for (uint64_t i = 0; i < 3; ++i)
    CHECK_OK(job_gate_try_submit(&gates[i], queues[i % 2], i, &limits, ERR));
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, trigger, cancel), 0);
  job_expect(queues[1], 1, SPDL_E_CANCELLED);
  for (int i = 0; i < 2; ++i) {
    const job_end end = job_collect(queues[0]);
    job_check_end(&end, end.completion.tag, SPDL_E_CANCELLED);
  }
  pthread_join(thread, NULL);
  spdl_cancel_free(cancel);
  for (int i = 0; i < 3; ++i) job_gate_free(&gates[i]);
  for (int i = 0; i < 2; ++i) spdl_queue_free(queues[i]);
  spdl_pool_free(pool);
}

/* ---- deadlines ---- */

static void deadline_while_running(void) {
  spdl_queue *queue = job_queue(NULL, 0);
  const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = 50 * MILLISECONDS};
  job_gate gate = job_gate_make();
  const int64_t start = check_now_ns();
  CHECK_OK(job_gate_try_submit(&gate, queue, 1, &limits, ERR));
  job_expect(queue, 1, SPDL_E_DEADLINE);
  const int64_t took = check_now_ns() - start;
  CHECK(took >= 50 * MILLISECONDS && took < 200 * MILLISECONDS * CHECK_SLOWDOWN);
  job_gate_free(&gate);
  spdl_queue_free(queue);
}

static void deadline_while_decoding(void) {
  media_bytes heavy;
  spdl_packets *packets = job_heavy_packets(40, 1, &heavy);
  spdl_queue *queue = job_queue(NULL, 0);
  const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = 100 * MILLISECONDS};
  const spdl_decode_options decode = job_heavy_options();
  const int64_t start = check_now_ns();
  CHECK_OK(spdl_packets_decode_submit(queue, 1, packets, &decode, &limits, ERR));
  job_expect(queue, 1, SPDL_E_DEADLINE);
  const int64_t took = check_now_ns() - start;
  CHECK(took >= 100 * MILLISECONDS && took < 250 * MILLISECONDS * CHECK_SLOWDOWN);
  spdl_packets_free(packets);
  check_tag_released(1);
  media_free(&heavy);
  spdl_queue_free(queue);
}

/* The time runs from the submission on: a job that waited too long does not begin its work. */
static void deadline_while_waiting_in_the_queue(void) {
  spdl_pool *pool = job_pool(1);
  spdl_queue *queue = job_queue(pool, 0);
  const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = 30 * MILLISECONDS};
  job_gate running = job_gate_submit(queue, 1);
  job_gate_wait_running(&running);
  job_gate waiting = job_gate_make();
  CHECK_OK(job_gate_try_submit(&waiting, queue, 2, &limits, ERR));
  check_sleep_ms(50);
  job_gate_open(&running);
  job_expect(queue, 1, SPDL_OK);
  const int64_t start = check_now_ns();
  job_expect(queue, 2, SPDL_E_DEADLINE);
  CHECK(check_now_ns() - start < 50 * MILLISECONDS * CHECK_SLOWDOWN);
  spdl_feed_request request = {.struct_size = sizeof(request)};
  CHECK(spdl_source_feed_wait(waiting.source, 0, &request, NULL) != SPDL_OK);
  job_gate_free(&running);
  job_gate_free(&waiting);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
}

/* A filter that never ends obeys limits like everything else. */
static void endless_filter(void) {
  spdl_source *source = media_open(PICTURE_PNG);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_IMAGE);
  spdl_queue *queue = job_queue(NULL, 0);
  const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = 100 * MILLISECONDS};
  const spdl_decode_options decode = {.struct_size = sizeof(decode),
                                      .filter = SPDL_FILTER_CUSTOM,
                                      .filter_desc = "scale=8:8,loop=loop=-1:size=1:start=0"};
  spdl_source *video = media_open(PICTURES_NUT);
  spdl_packets *video_packets = media_demux(video, SPDL_MEDIA_VIDEO);
  CHECK_OK(spdl_packets_decode_submit(queue, 1, video_packets, &decode, &limits, ERR));
  job_expect(queue, 1, SPDL_E_DEADLINE);
  CHECK_OK(spdl_packets_decode_submit(queue, 2, video_packets, &decode, NULL, ERR));
  check_sleep_ms(20);
  CHECK_OK(spdl_queue_cancel(queue, 2, ERR));
  job_expect(queue, 2, SPDL_E_CANCELLED);
  CHECK_OK(spdl_packets_decode_submit(queue, 3, packets, &decode, NULL, ERR));
  job_expect(queue, 3, SPDL_OK); /* Of an image there is one frame. */
  spdl_packets_free(video_packets);
  spdl_source_free(video);
  spdl_packets_free(packets);
  spdl_source_free(source);
  spdl_queue_free(queue);
}

CHECK_MAIN(CHECK_TEST(before_it_starts), CHECK_TEST(while_it_waits_for_input),
           CHECK_TEST(while_it_decodes), CHECK_TEST(after_it_completed), CHECK_TEST(by_tag),
           CHECK_TEST(racing_with_its_end), CHECK_TEST(output_is_left_alone_after_the_completion),
           CHECK_TEST(by_flag_from_another_thread), CHECK_TEST(deadline_while_running),
           CHECK_TEST(deadline_while_decoding), CHECK_TEST(deadline_while_waiting_in_the_queue),
           CHECK_TEST(endless_filter))
