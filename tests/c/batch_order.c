/* SPDX-License-Identifier: BSD-2-Clause */
/* Batches whose first item decides what the others must be: in whatever order they are decoded, no
 * more of them are held than there are workers, and the result is the same. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "jobs.h"
#include "media.h"
#include "spdl/load.h"

enum { NUM_GATES = 6, NUM_THREADS = 3 };

/* A batch of fed pictures, of which the test decides when each is read. */
typedef struct gated_batch {
  spdl_pool *pool;
  spdl_queue *queue;
  job_gate gates[NUM_GATES];
} gated_batch;

static gated_batch submit(uint32_t num_threads, const spdl_batch_options *options,
                          const spdl_limits *limits) {
  gated_batch batch = {.pool = job_pool(num_threads)};
  batch.queue = job_queue(batch.pool, 0);
  const spdl_source *list[NUM_GATES];
  for (int i = 0; i < NUM_GATES; ++i) {
    batch.gates[i] = job_gate_make();
    list[i] = batch.gates[i].source;
  }
  CHECK_OK(spdl_batch_load_submit(batch.queue, 1, list, NUM_GATES, options, limits, ERR));
  for (uint32_t i = 0; i < num_threads; ++i) job_gate_wait_running(&batch.gates[i]);
  return batch;
}

/* Of all that are read but the first, nothing is in the buffer yet. */
static void open_all_but_the_first(const gated_batch *batch) {
  for (int i = 1; i < NUM_THREADS; ++i) job_gate_open(&batch->gates[i]);
  for (int i = NUM_THREADS; i < NUM_GATES; ++i) job_gate_check_waiting(&batch->gates[i]);
}

static void end(gated_batch *batch) {
  for (int i = 0; i < NUM_GATES; ++i) {
    job_gate_wait_end(&batch->gates[i]);
    job_gate_free(&batch->gates[i]);
  }
  spdl_queue_free(batch->queue);
  spdl_pool_free(batch->pool);
}

static void feed_nonsense(const job_gate *gate) {
  static const unsigned char nonsense[48] = "This is no picture.";
  job_feeder feeder = {.source = gate->source, .data = nonsense, .size = sizeof(nonsense)};
  job_feeder_serve(&feeder);
}

static void no_more_items_than_workers(void) {
  gated_batch batch = submit(NUM_THREADS, NULL, NULL);
  open_all_but_the_first(&batch);
  job_check_none_ready(batch.queue);
  job_gate_open(&batch.gates[0]);
  /* The workers that had left are back. */
  for (int i = NUM_THREADS; i < NUM_GATES; ++i) job_gate_wait_running(&batch.gates[i]);
  for (int i = NUM_GATES - 1; i >= NUM_THREADS; --i) job_gate_open(&batch.gates[i]);
  job_end completed = job_collect(batch.queue);
  CHECK_EQ(completed.completion.status, SPDL_OK);
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_batch_get_buffer(completed.completion.result, &buffer, ERR));
  MEDIA_CHECK_SHAPE(buffer, NUM_GATES, 6, 8, 3);
  const unsigned char *data = media_buffer_info(buffer).data;
  for (int i = 0; i < NUM_GATES; ++i)
    for (int k = 0; k < 48; ++k) CHECK_EQ(data[i * 144 + 3 * k + 2], k % 8 ^ k / 8);
  spdl_buffer_free(buffer);
  job_free_result(&completed.completion);
  end(&batch);
}

static void a_first_item_that_fails(void) {
  const spdl_batch_options options = {.struct_size = sizeof(options),
                                      .flags = SPDL_BATCH_SKIP_ERRORS};
  gated_batch batch = submit(NUM_THREADS, &options, NULL);
  open_all_but_the_first(&batch);
  feed_nonsense(&batch.gates[0]);
  for (int i = NUM_THREADS; i < NUM_GATES; ++i) job_gate_wait_running(&batch.gates[i]);
  job_gate_open(&batch.gates[3]);
  feed_nonsense(&batch.gates[4]);
  job_gate_open(&batch.gates[5]);
  job_end completed = job_collect(batch.queue);
  CHECK_EQ(completed.completion.status, SPDL_OK);
  spdl_batch_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_batch_get_info(completed.completion.result, &info, ERR));
  CHECK(info.num_loaded == 4 && info.num_failed == 2);
  CHECK(info.indices[0] == 1 && info.indices[2] == 3 && info.indices[3] == 5);
  job_free_result(&completed.completion);
  end(&batch);
}

static void all_fail(void) {
  const spdl_batch_options options = {.struct_size = sizeof(options),
                                      .flags = SPDL_BATCH_SKIP_ERRORS};
  gated_batch batch = submit(NUM_THREADS, &options, NULL);
  for (int i = 0; i < NUM_GATES; ++i) feed_nonsense(&batch.gates[i]);
  job_expect(batch.queue, 1, SPDL_OK);
  end(&batch);
}

static void cancelled_half_way(void) {
  gated_batch batch = submit(NUM_THREADS, NULL, NULL);
  open_all_but_the_first(&batch);
  CHECK_OK(spdl_queue_cancel(batch.queue, 1, ERR));
  job_expect(batch.queue, 1, SPDL_E_CANCELLED);
  end(&batch);
}

static void cancelled_after_the_first(void) {
  gated_batch batch = submit(NUM_THREADS, NULL, NULL);
  job_gate_open(&batch.gates[0]);
  job_gate_wait_running(&batch.gates[NUM_THREADS]);
  CHECK_OK(spdl_queue_cancel(batch.queue, 1, ERR));
  job_expect(batch.queue, 1, SPDL_E_CANCELLED);
  end(&batch);
}

static void late(void) {
  const spdl_limits limits = {.struct_size = sizeof(limits),
                              .timeout_ns = 200 * MILLISECONDS * CHECK_SLOWDOWN};
  gated_batch batch = submit(NUM_THREADS, NULL, &limits);
  open_all_but_the_first(&batch);
  job_expect(batch.queue, 1, SPDL_E_DEADLINE);
  end(&batch);
}

/* What shows when the first item is decoded ends the batch: the others are not read. */
static void an_output_that_does_not_fit(void) {
  unsigned char array[NUM_GATES * 144 - 1];
  spdl_memory *out = NULL;
  CHECK_OK(spdl_memory_borrow(array, sizeof(array), SPDL_MEMORY_WRITABLE, 5, &out, ERR));
  const spdl_batch_options options = {
      .struct_size = sizeof(options), .flags = SPDL_BATCH_SKIP_ERRORS, .out = out};
  gated_batch batch = submit(NUM_THREADS, &options, NULL);
  spdl_memory_free(out);
  open_all_but_the_first(&batch);
  job_gate_open(&batch.gates[0]);
  job_expect(batch.queue, 1, SPDL_E_MISMATCH);
  check_tag_released(5);
  end(&batch);
}

/* The caller of a blocking batch is one of those that leave an item to the others. */
static void *open_late(void *gate) {
  check_sleep_ms(30);
  job_gate_open(gate);
  return NULL;
}

static void *open_now(void *gate) {
  job_gate_open(gate);
  return NULL;
}

static void blocking(void) {
  job_gate gates[NUM_GATES];
  pthread_t threads[NUM_GATES];
  const spdl_source *list[NUM_GATES];
  for (int late_one = 0; late_one < 2; ++late_one) {
    for (int i = 0; i < NUM_GATES; ++i) {
      gates[i] = job_gate_make();
      list[i] = gates[i].source;
      CHECK_EQ(pthread_create(&threads[i], NULL, i == late_one ? open_late : open_now, &gates[i]),
               0);
    }
    spdl_batch *batch = NULL;
    CHECK_OK(spdl_batch_load(list, NUM_GATES, NULL, NULL, &batch, ERR));
    spdl_batch_free(batch);
    for (int i = 0; i < NUM_GATES; ++i) {
      CHECK_EQ(pthread_join(threads[i], NULL), 0);
      job_gate_free(&gates[i]);
    }
  }
}

/* ---- the same result ---- */

enum { NUM_CLIPS = 12 };

/* Half a second of one video from twelve points, of which some have nothing or less. */
static spdl_buffer *load_clips(const spdl_source *source, uint32_t num_threads, int64_t *indices) {
  static const spdl_decode_options decode = {.struct_size = sizeof(decode),
                                             .filter = SPDL_FILTER_CUSTOM,
                                             .filter_desc = "scale=16:12,format=rgb24"};
  spdl_window windows[NUM_CLIPS];
  const spdl_window *list[NUM_CLIPS];
  const spdl_source *sources[NUM_CLIPS];
  for (int i = 0; i < NUM_CLIPS; ++i) {
    windows[i] = (spdl_window){.struct_size = sizeof(spdl_window),
                               .flags = SPDL_WINDOW_START | SPDL_WINDOW_END,
                               .start = {i ? 5 * i : 90, 25},
                               .end = {i ? 5 * i + 10 : 95, 25}};
    list[i] = &windows[i];
    sources[i] = source;
  }
  const spdl_batch_options options = {.struct_size = sizeof(options),
                                      .flags = SPDL_BATCH_SKIP_ERRORS,
                                      .decode = &decode,
                                      .media = SPDL_MEDIA_VIDEO,
                                      .windows = list,
                                      .num_windows = NUM_CLIPS};
  spdl_pool *pool = job_pool(num_threads);
  spdl_queue *queue = job_queue(pool, 0);
  CHECK_OK(spdl_batch_load_submit(queue, 1, sources, NUM_CLIPS, &options, NULL, ERR));
  job_end completed = job_collect(queue);
  CHECK_EQ(completed.completion.status, SPDL_OK);
  spdl_batch_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_batch_get_info(completed.completion.result, &info, ERR));
  CHECK_EQ(info.num_loaded, 8);
  memcpy(indices, info.indices, 8 * sizeof(*indices));
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_batch_get_buffer(completed.completion.result, &buffer, ERR));
  job_free_result(&completed.completion);
  spdl_queue_free(queue);
  spdl_pool_free(pool);
  return buffer;
}

static void any_number_of_threads(void) {
  static const uint32_t numbers[] = {2, 8, 3, 8};
  spdl_source *source = media_open(VIDEO_MP4);
  int64_t expected[8], indices[8];
  spdl_buffer *reference = load_clips(source, 1, expected);
  MEDIA_CHECK_SHAPE(reference, 8, 10, 12, 16, 3);
  for (int i = 0; i < 8; ++i) CHECK_EQ(expected[i], i + 1);
  for (int i = 0; i < 4; ++i) {
    spdl_buffer *buffer = load_clips(source, numbers[i], indices);
    media_check_equal(buffer, reference);
    CHECK_BYTES(indices, expected, sizeof(indices));
    spdl_buffer_free(buffer);
  }
  spdl_buffer_free(reference);
  spdl_source_free(source);
}

CHECK_MAIN(CHECK_TEST(no_more_items_than_workers), CHECK_TEST(a_first_item_that_fails),
           CHECK_TEST(all_fail), CHECK_TEST(cancelled_half_way),
           CHECK_TEST(cancelled_after_the_first), CHECK_TEST(late),
           CHECK_TEST(an_output_that_does_not_fit), CHECK_TEST(blocking),
           CHECK_TEST(any_number_of_threads))
