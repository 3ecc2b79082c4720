/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * Traces: a file that says what ran when, on which thread.
 *
 * The file is JSON in the "Trace Event Format", an array of events, which Perfetto
 * (https://ui.perfetto.dev) and chrome://tracing open. Times are microseconds of CLOCK_MONOTONIC.
 * The library's own stages are in it (category "stage"), the jobs of queues from their submission to
 * their completion ("job"), and what the program says ("user"). What begins before the trace or ends
 * after it is left out.
 *
 * Events go through a buffer of fixed size, from which a thread of the library writes the file. No
 * thread ever waits for it: an event that finds the buffer full is dropped and counted.
 */
#ifndef SPDL_TRACE_H
#define SPDL_TRACE_H

#include "types.h"

SPDL_BEGIN_DECLS

typedef struct spdl_trace spdl_trace;

enum {
  SPDL_TRACE_HAS_FD = 1       /**< Write to `fd`. */
};

typedef struct spdl_trace_options {
  uint32_t struct_size;       /**< `sizeof(spdl_trace_options)`. */
  uint32_t flags;             /**< SPDL_TRACE_*. */
  const char *path;           /**< The file, made anew. NULL if there is an fd. */
  int32_t fd;                 /**< Open for writing; duplicated, written from its offset on. */
  uint32_t buffer_kb;         /**< Memory for events that are not written yet, in units of 1024 bytes;
                                   an event takes 256 bytes. 0: 4096. At most 1048576. */
  const char *process_name;   /**< Of this process in the trace. NULL: as the kernel calls it. */
} spdl_trace_options;

/** Begin a trace. A process writes one at a time. At exit() a trace that is still being written is
 * stopped. A forked child writes nothing into it, and may begin one of its own.
 * @param options must have a path or an fd.
 * @param out_trace end it with spdl_trace_free().
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_BUSY (a trace is being written), SPDL_E_NOT_FOUND (its
 *   folder does not exist), SPDL_E_IO (it cannot be written), SPDL_E_MEMORY.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_trace_start(const spdl_trace_options *options, spdl_trace **out_trace,
                                      spdl_error *err) SPDL_NOEXCEPT;

/** Write what there is, and close the file. Events of other threads meanwhile are left out. Where
 * nobody reads a pipe, it is given up after two seconds. Stopping again says the same.
 * @return SPDL_OK, SPDL_E_INVALID, SPDL_E_IO (the file is not complete: the disk is full, …),
 *   SPDL_E_FORKED.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_trace_stop(spdl_trace *trace, spdl_error *err) SPDL_NOEXCEPT;

typedef struct spdl_trace_info {
  uint32_t struct_size;       /**< `sizeof(spdl_trace_info)`, set by the caller. */
  uint32_t reserved;          /**< 0. */
  uint64_t num_events;        /**< Written so far. */
  uint64_t num_dropped;       /**< For which the buffer had no room. */
} spdl_trace_info;

/** @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_trace_get_info(const spdl_trace *trace, spdl_trace_info *out_info,
                                         spdl_error *err) SPDL_NOEXCEPT;

/** End a handle. A trace that is still being written is stopped, without a word of an error.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_trace_free(spdl_trace *trace) SPDL_NOEXCEPT;

/** Something begins.
 * @return what spdl_trace_end_event() takes: 0 if no trace is being written.
 * @threads safe. @since 0.1 */
SPDL_API int64_t spdl_trace_begin_event(void) SPDL_NOEXCEPT;

/** It ends.
 * @param begin what spdl_trace_begin_event() returned; 0 does nothing.
 * @param track 0: the event belongs to the calling thread, where events nest. Events that may
 *   overlap those, such as tasks of an event loop, take a track of another number.
 * @param name may be any bytes; what is no UTF-8 becomes U+FFFD. Beyond 128 bytes it loses its middle.
 * @param detail is shown with the event, likewise; the two share 208 bytes. May be NULL.
 * @threads safe. @since 0.1 */
SPDL_API void spdl_trace_end_event(int64_t begin, uint64_t track, const char *name,
                                   const char *detail) SPDL_NOEXCEPT;

/** Set a counter of the trace, "counter 0" to "counter 7". Does nothing if no trace is written.
 * @param counter 0 to 7.
 * @param value finite.
 * @return SPDL_OK, SPDL_E_INVALID.
 * @threads safe. @since 0.1 */
SPDL_API spdl_status spdl_trace_set_counter(uint32_t counter, double value,
                                            spdl_error *err) SPDL_NOEXCEPT;

SPDL_END_DECLS

#endif /* SPDL_TRACE_H */
