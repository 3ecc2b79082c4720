/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Jobs under the control of a test: queues, their completions, and fed sources with which a test
 * decides when a job goes on.
 */
#ifndef SPDL_TESTS_C_JOBS_H
#define SPDL_TESTS_C_JOBS_H

#include <pthread.h>

#include "check.h"
#include "media.h"

/** A pool of its own. */
spdl_pool *job_pool(uint32_t num_threads);
/** A queue; 0 and NULL mean the defaults. */
spdl_queue *job_queue(const spdl_pool *pool, uint32_t capacity);

/** A completion and the error that came with it. */
typedef struct job_end {
  spdl_completion completion;
  spdl_error error;
} job_end;

/** Wait for one completion and collect it. */
job_end job_collect(spdl_queue *queue);
/** No completion is ready, and the queue is not closed. */
void job_check_none_ready(spdl_queue *queue);
/** The completion has this tag and status; its result is freed. */
void job_check_end(const job_end *end, uint64_t tag, spdl_status status);
/** Collect one completion, check it, free its result. */
void job_expect(spdl_queue *queue, uint64_t tag, spdl_status status);
/** Free a result of any kind. */
void job_free_result(const spdl_completion *completion);

/** A job that loads a picture from a fed source: it starts, then waits until the test feeds it. */
typedef struct job_gate {
  spdl_source *source;
  media_bytes picture;
} job_gate;

job_gate job_gate_make(void);
spdl_status job_gate_try_submit(const job_gate *gate, spdl_queue *queue, uint64_t tag,
                                const spdl_limits *limits, spdl_error *err);
/** Make and submit. */
job_gate job_gate_submit(spdl_queue *queue, uint64_t tag);
/** Wait until a worker runs the job. It then waits for input. */
void job_gate_wait_running(const job_gate *gate);
/** The job has not started within a short time. */
void job_gate_check_waiting(const job_gate *gate);
/** Wait until the job, which was told to stop, wants no more. */
void job_gate_wait_end(const job_gate *gate);
/** Feed the job until it wants no more. */
void job_gate_open(const job_gate *gate);
void job_gate_free(job_gate *gate);

/** Whoever answers the requests of a fed source, on this thread or another. */
typedef struct job_feeder {
  spdl_source *source;
  const unsigned char *data;
  size_t size;
  size_t max_bytes; /**< Per answer; 0: as many as wanted. */
  int64_t fail_at;  /**< The request that reaches this offset fails with EIO; 0: none does. */
  int64_t num_answers;
  int64_t num_seeks; /**< Requests that did not follow the answer before. */
  int64_t next;      /**< Offset at which the last answer ended. */
  pthread_t thread;
} job_feeder;

/** Answer until the operation is done with the source. */
void job_feeder_serve(job_feeder *feeder);
void job_feeder_start(job_feeder *feeder);
void job_feeder_join(job_feeder *feeder);

/** A picture's decode that takes seconds: packets of a long 1280 x 720 video, and the options that
 * scale each frame down to a few bytes. */
spdl_packets *job_heavy_packets(size_t num_repeats, uint64_t tag, media_bytes *out_bytes);
spdl_decode_options job_heavy_options(void);

#endif /* SPDL_TESTS_C_JOBS_H */
