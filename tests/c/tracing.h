/* SPDX-License-Identifier: BSD-2-Clause */
/** @file
 * A trace into a file of its own, and what is in it. The tests in Python parse it as JSON.
 */
#ifndef SPDL_TESTS_C_TRACING_H
#define SPDL_TESTS_C_TRACING_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

/* Start a trace into a new file without a name; `fd` is that file. */
static inline spdl_trace *tracing_start(int *fd, uint32_t buffer_kb) {
  char name[] = "/tmp/spdl-trace-XXXXXX";
  *fd = mkstemp(name);
  CHECK(*fd >= 0 && unlink(name) == 0);
  const spdl_trace_options options = {.struct_size = sizeof(options),
                                      .flags = SPDL_TRACE_HAS_FD,
                                      .fd = *fd,
                                      .buffer_kb = buffer_kb,
                                      .process_name = "test of \"traces\""};
  spdl_trace *trace = NULL;
  CHECK_OK(spdl_trace_start(&options, &trace, ERR));
  return trace;
}

/* All that is in a file, which is closed. Free it. */
static inline char *tracing_read(int fd) {
  struct stat status;
  CHECK_EQ(fstat(fd, &status), 0);
  char *text = calloc(1, (size_t)status.st_size + 1);
  CHECK_EQ(pread(fd, text, (size_t)status.st_size, 0), status.st_size);
  close(fd);
  return text;
}

/* Stop the trace and free it. */
static inline char *tracing_stop(spdl_trace *trace, int fd) {
  CHECK_OK(spdl_trace_stop(trace, ERR));
  spdl_trace_free(trace);
  return tracing_read(fd);
}

static inline int tracing_count(const char *text, const char *part) {
  int count = 0;
  while ((text = strstr(text, part))) ++count, ++text;
  return count;
}

/* Whether it begins and ends as an array does. */
static inline int tracing_is_complete(const char *text) {
  const size_t size = strlen(text);
  return size > 4 && strncmp(text, "[\n{", 3) == 0 && strcmp(text + size - 4, "}\n]\n") == 0;
}

#endif /* SPDL_TESTS_C_TRACING_H */
