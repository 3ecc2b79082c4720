/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Pools of workers, and queues of jobs with their completions.
 *
 * A job is submitted with a tag to a queue, which runs it on a pool. If the submission answers
 * SPDL_OK, exactly one completion with that tag follows, also for a job that is cancelled or fails;
 * otherwise none does. Jobs complete in any order.
 *
 * The fd of a queue is an eventfd. When it is readable, read its 8 bytes first, then call
 * spdl_queue_next() and spdl_released_drain() until both are empty. It is a hint: a wake-up may
 * find nothing.
 *
 * After fork(), the child has workers of its own. Queues and pools made by the parent answer
 * SPDL_E_FORKED there.
 */
#ifndef SPDL_QUEUE_H
#define SPDL_QUEUE_H

#include "types.h"

SPDL_BEGIN_DECLS

typedef struct spdl_pool spdl_pool;
typedef struct spdl_queue spdl_queue;

typedef struct spdl_pool_options {
  uint32_t struct_size;       /**< `sizeof(spdl_pool_options)`. */
  uint32_t num_threads;       /**< 0: as many as the process may use (affinity, cgroup). */
} spdl_pool_options;

/** Make a pool of workers. Workers block all signals and start when there is work.
 * @param options may be NULL.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_pool_create(const spdl_pool_options *options, spdl_pool **out_pool,
                                      spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. Queues that use the pool keep it.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_pool_free(spdl_pool *pool) SPDL_NOEXCEPT;

/** Set how many jobs a pool runs at a time. Surplus workers leave after their current job.
 * @param pool NULL: the process's own pool.
 * @param num_threads 0: as many as the process may use, or SPDL_NUM_THREADS of the environment.
 * @return SPDL_OK, SPDL_E_INVALID (more than 4096), SPDL_E_FORKED.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_pool_set_num_threads(spdl_pool *pool, uint32_t num_threads,
                                               spdl_error *err) SPDL_NOEXCEPT;

/** @param pool NULL: the process's own pool.
 * @return how many jobs the pool runs at a time.
 * @threads safe. @since 0.1 */
SPDL_API uint32_t spdl_pool_get_num_threads(const spdl_pool *pool) SPDL_NOEXCEPT;

enum {
  SPDL_QUEUE_HAS_FD = 1       /**< Signal `fd` instead of a new eventfd. */
};

typedef struct spdl_queue_options {
  uint32_t struct_size;       /**< `sizeof(spdl_queue_options)`. */
  uint32_t flags;             /**< SPDL_QUEUE_*. */
  uint32_t capacity;          /**< Jobs between submission and collection of their completion;
                                   0: 1024. */
  int32_t fd;                 /**< A non-blocking eventfd, duplicated; several queues may share it. */
} spdl_queue_options;

/** Make a queue.
 * @param pool NULL: the process's own pool.
 * @param options may be NULL.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_FORKED, SPDL_E_IO (no more descriptors), SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_queue_create(const spdl_pool *pool, const spdl_queue_options *options,
                                       spdl_queue **out_queue, spdl_error *err) SPDL_NOEXCEPT;

/** @return the fd that becomes readable when completions or released memory wait. It belongs to
 * the queue and lives as long as the handle.
 * @threads safe. @since 0.1 */
SPDL_API int32_t spdl_queue_get_fd(const spdl_queue *queue) SPDL_NOEXCEPT;

/** The outcome of a job. */
typedef struct spdl_completion {
  uint32_t struct_size;       /**< `sizeof(spdl_completion)`, set by the caller. */
  spdl_status status;         /**< Of the job. */
  uint64_t tag;               /**< As submitted. */
  void *result;               /**< A handle of `kind` that now belongs to the caller, or NULL
                                   (also if the operation makes none). */
  uint32_t kind;              /**< SPDL_KIND_* of `result`. */
  uint32_t reserved;          /**< 0. */
} spdl_completion;

/** Collect one completion, without waiting.
 * @param err says why the job failed, if its status is an error.
 * @return SPDL_OK, SPDL_AGAIN (none is ready), SPDL_EOF (closed, and nothing is left),
 *   SPDL_E_INVALID, SPDL_E_FORKED.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_queue_next(spdl_queue *queue, spdl_completion *out_completion,
                                     spdl_error *err) SPDL_NOEXCEPT;

/** Wait until a completion is ready. It does not read the fd.
 * @param timeout_ns 0: look once; < 0: no limit.
 * @return SPDL_OK, SPDL_AGAIN (timeout), SPDL_EOF (closed, and nothing is left), SPDL_E_FORKED.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_queue_wait(const spdl_queue *queue, int64_t timeout_ns,
                                     spdl_error *err) SPDL_NOEXCEPT;

/** Cancel the jobs with a tag. One that has not started completes at once; a running one ends at
 * most one packet later. Either completes with SPDL_E_CANCELLED, unless it was done already.
 * @return SPDL_OK, SPDL_EOF (no such job is waiting or running), SPDL_E_FORKED.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_queue_cancel(spdl_queue *queue, uint64_t tag,
                                       spdl_error *err) SPDL_NOEXCEPT;

/** Refuse new jobs (SPDL_E_INVALID) and cancel those at hand. Their completions still come.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_queue_close(spdl_queue *queue) SPDL_NOEXCEPT;

/** Close the queue and end its handle. Completions not collected are dropped, their results freed.
 * It does not wait for running jobs; memory lent to them comes back by spdl_released_drain().
 * @threads safe. @since 0.1 */
SPDL_API void spdl_queue_free(spdl_queue *queue) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_QUEUE_H */
