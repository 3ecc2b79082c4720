/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/trace.h: what is in a trace, and how one begins and ends. */
#include "spdl/trace.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "media.h"
#include "tracing.h"

static void nothing_is_traced(void) {
  CHECK_EQ(spdl_trace_begin_event(), 0);
  spdl_trace_end_event(0, 0, "nobody hears it", NULL);
  spdl_trace_end_event(1, 0, "nobody hears it", NULL);
  CHECK_OK(spdl_trace_set_counter(0, 1, ERR));
}

static void events_of_the_program(void) {
  int fd;
  const int64_t before = spdl_trace_begin_event();
  CHECK_EQ(before, 0);
  spdl_trace *trace = tracing_start(&fd, 0);
  const int64_t begin = spdl_trace_begin_event();
  CHECK(begin > 0 && begin <= check_now_ns());
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_TRACE), 1);
  spdl_trace_end_event(begin, 0, "on this thread", "with a \"detail\"\n");
  spdl_trace_end_event(begin, 0xabc, "on a track", NULL);
  spdl_trace_end_event(begin, 0, NULL, NULL);
  spdl_trace_end_event(before, 0, "began before", NULL);
  spdl_trace_end_event(1, 0, "began long before", NULL);
  CHECK_OK(spdl_trace_set_counter(7, 2.5, ERR));
  CHECK_OK(spdl_trace_stop(trace, ERR));
  CHECK_EQ(spdl_trace_begin_event(), 0);
  spdl_trace_end_event(begin, 0, "ended after", NULL);
  spdl_trace_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_trace_get_info(trace, &info, ERR));
  CHECK_EQ(info.num_events, 4);
  CHECK_EQ(info.num_dropped, 0);
  char *text = tracing_stop(trace, fd);
  CHECK(tracing_is_complete(text));
  CHECK(strstr(text, "\"args\":{\"name\":\"test of \\\"traces\\\"\"}"));
  CHECK(strstr(text, "{\"name\":\"on this thread\",\"ph\":\"X\""));
  CHECK(strstr(text, "\"detail\":\"with a \\\"detail\\\"\\u000a\""));
  CHECK_EQ(tracing_count(text, "{\"name\":\"on a track\",\"ph\":\"b\""), 1);
  CHECK_EQ(tracing_count(text, "{\"name\":\"on a track\",\"ph\":\"e\""), 1);
  CHECK_EQ(tracing_count(text, "\"id\":\"0xabc\""), 2);
  CHECK(strstr(text, "{\"name\":\"counter 7\",\"ph\":\"C\""));
  CHECK(strstr(text, "\"args\":{\"value\":2.5}"));
  CHECK(!strstr(text, "before") && !strstr(text, "after"));
  CHECK(strstr(text, "\"num_events\":4,\"num_dropped\":0"));
  free(text);
}

static void stages(void) {
  spdl_source *source = media_open(VIDEO_MP4);
  int fd;
  spdl_trace *trace = tracing_start(&fd, 0);
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_load(source, SPDL_MEDIA_VIDEO, NULL, NULL, &buffer, ERR));
  char *text = tracing_stop(trace, fd);
  const char *once[] = {"load", "open", "demux", "decode", "open decoder", "convert"};
  for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); ++i) {
    char event[64];
    snprintf(event, sizeof(event), "{\"name\":\"%s\",\"ph\":\"X\"", once[i]);
    CHECK_EQ(tracing_count(text, event), 1);
  }
  CHECK(tracing_count(text, "{\"name\":\"decode packet\"") >= 50);
  CHECK(tracing_count(text, "{\"name\":\"filter\"") >= 50);
  CHECK(strstr(text, VIDEO_MP4));
  free(text);
  spdl_buffer_free(buffer);
  spdl_source_free(source);
}

static void long_names(void) {
  int fd;
  spdl_trace *trace = tracing_start(&fd, 0);
  const size_t size = 1 << 20;
  char *name = malloc(size + 1);
  memset(name, 'x', size);
  memcpy(name, "begin", 5);
  memcpy(name + size - 3, "end", 4);
  char *wrong = malloc(size + 1);
  memset(wrong, 0xff, size); /* No UTF-8 at all. */
  wrong[size] = 0;
  spdl_trace_end_event(spdl_trace_begin_event(), 0, name, name);
  spdl_trace_end_event(spdl_trace_begin_event(), 0, wrong, wrong);
  char *text = tracing_stop(trace, fd);
  CHECK(tracing_is_complete(text));
  CHECK(strlen(text) < 4000);
  CHECK_EQ(tracing_count(text, "begin"), 2);
  CHECK_EQ(tracing_count(text, "xend\""), 2);
  CHECK(strstr(text, "\xef\xbf\xbd"));
  free(text);
  free(wrong);
  free(name);
}

/* A buffer of one kilobyte holds four events. */
static void dropped_events(void) {
  int fd;
  spdl_trace *trace = tracing_start(&fd, 1);
  enum { NUM_EVENTS = 20000 };
  for (int i = 0; i < NUM_EVENTS; ++i)
    spdl_trace_end_event(spdl_trace_begin_event(), 0, "one of many", NULL);
  CHECK_OK(spdl_trace_stop(trace, ERR));
  spdl_trace_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_trace_get_info(trace, &info, ERR));
  CHECK(info.num_dropped > 0 && info.num_events >= 4);
  CHECK_EQ(info.num_events + info.num_dropped, NUM_EVENTS);
  char *text = tracing_stop(trace, fd);
  CHECK_EQ(tracing_count(text, "one of many"), info.num_events);
  char counts[80];
  snprintf(counts, sizeof(counts), "\"num_events\":%llu,\"num_dropped\":%llu",
           (unsigned long long)info.num_events, (unsigned long long)info.num_dropped);
  CHECK(strstr(text, counts));
  free(text);
}

static atomic_bool is_done;

static void *add_events(void *unused) {
  while (!is_done) {
    const int64_t begin = spdl_trace_begin_event();
    spdl_trace_set_counter(1, 1, NULL);
    spdl_trace_end_event(begin, 0, "of a thread", "some detail");
  }
  return unused;
}

/* Traces begin and end, with buffers of all sizes, while threads go on. */
static void threads_go_on(void) {
  is_done = 0;
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i) CHECK_EQ(pthread_create(&threads[i], NULL, add_events, NULL), 0);
  for (int round = 0; round < 60; ++round) {
    int fd;
    spdl_trace *trace = tracing_start(&fd, 1u << (round % 8));
    if (round % 3) check_sleep_ms(round % 5);
    spdl_trace_info info = {.struct_size = sizeof(info)};
    CHECK_OK(spdl_trace_stop(trace, ERR));
    CHECK_OK(spdl_trace_get_info(trace, &info, ERR));
    char *text = tracing_stop(trace, fd);
    CHECK(tracing_is_complete(text));
    CHECK_EQ(tracing_count(text, "of a thread") + tracing_count(text, "counter 1"),
             info.num_events);
    free(text);
  }
  is_done = 1;
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
}

static void one_at_a_time(void) {
  int fd;
  spdl_trace *trace = tracing_start(&fd, 0), *second = NULL;
  char name[] = "/tmp/spdl-other-XXXXXX";
  const int other = mkstemp(name);
  CHECK(other >= 0 && write(other, "kept", 4) == 4);
  const spdl_trace_options options = {.struct_size = sizeof(options), .path = name};
  CHECK_ERROR(SPDL_E_BUSY, "one at a time", spdl_trace_start(&options, &second, ERR));
  CHECK(second == NULL);
  CHECK_EQ(lseek(other, 0, SEEK_END), 4);
  CHECK_OK(spdl_trace_stop(trace, ERR));
  CHECK_OK(spdl_trace_start(&options, &second, ERR));
  CHECK_OK(spdl_trace_stop(trace, ERR)); /* That of the first, which is over. */
  CHECK(spdl_trace_begin_event() > 0);
  free(tracing_stop(trace, fd));
  char *text = tracing_stop(second, other);
  CHECK(tracing_is_complete(text));
  free(text);
  unlink(name);
}

static void freed_without_a_stop(void) {
  int fd;
  spdl_trace *trace = tracing_start(&fd, 0);
  spdl_trace_end_event(spdl_trace_begin_event(), 0, "the last", NULL);
  spdl_trace_free(trace);
  CHECK_EQ(spdl_trace_begin_event(), 0);
  char *text = tracing_read(fd);
  CHECK(tracing_is_complete(text) && strstr(text, "the last"));
  free(text);
}

static spdl_status start_at(const char *path, spdl_error *err) {
  const spdl_trace_options options = {.struct_size = sizeof(options), .path = path};
  spdl_trace *trace = NULL;
  const spdl_status status = spdl_trace_start(&options, &trace, err);
  CHECK((trace != NULL) == (status == SPDL_OK));
  spdl_trace_free(trace);
  return status;
}

static spdl_status start_on(int fd, spdl_error *err) {
  const spdl_trace_options options = {
      .struct_size = sizeof(options), .flags = SPDL_TRACE_HAS_FD, .fd = fd};
  spdl_trace *trace = NULL;
  const spdl_status status = spdl_trace_start(&options, &trace, err);
  CHECK((trace != NULL) == (status == SPDL_OK));
  spdl_trace_free(trace);
  return status;
}

static void what_cannot_be_written(void) {
  CHECK_ERROR(SPDL_E_NOT_FOUND, "/nowhere/trace.json", start_at("/nowhere/trace.json", ERR));
  CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_TRACE);
  CHECK_ERROR(SPDL_E_IO, "/tmp", start_at("/tmp", ERR));
  CHECK_STATUS(SPDL_E_NOT_FOUND, start_at("", ERR));
  CHECK_STATUS(SPDL_E_IO, start_on(-1, ERR));
  const int for_reading = open("/dev/null", O_RDONLY);
  CHECK_STATUS(SPDL_E_IO, start_on(for_reading, ERR));
  close(for_reading);
  CHECK_OK(start_at("/dev/null", ERR));
}

static void full_disk(void) {
  const spdl_trace_options options = {.struct_size = sizeof(options), .path = "/dev/full"};
  spdl_trace *trace = NULL;
  CHECK_OK(spdl_trace_start(&options, &trace, ERR));
  for (int i = 0; i < 1000; ++i) spdl_trace_end_event(spdl_trace_begin_event(), 0, "lost", NULL);
  CHECK_ERROR(SPDL_E_IO, "No space left", spdl_trace_stop(trace, ERR));
  CHECK_ERROR(SPDL_E_IO, "/dev/full", spdl_trace_stop(trace, ERR));
  spdl_trace_free(trace);
  CHECK_OK(start_at("/dev/null", ERR)); /* The next one may begin. */
}

/* The threads that are traced do not wait for it, and the end does not wait for ever. */
static void pipe_that_nobody_reads(void) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  const spdl_trace_options options = {
      .struct_size = sizeof(options), .flags = SPDL_TRACE_HAS_FD, .fd = ends[1]};
  spdl_trace *trace = NULL;
  CHECK_OK(spdl_trace_start(&options, &trace, ERR));
  for (int i = 0; i < 3000; ++i) spdl_trace_end_event(spdl_trace_begin_event(), 0, "stuck", NULL);
  const int64_t begin = check_now_ns();
  CHECK_STATUS(SPDL_E_IO, spdl_trace_stop(trace, ERR));
  CHECK(check_now_ns() - begin < 10 * SECONDS);
  spdl_trace_free(trace);
  close(ends[0]);
  close(ends[1]);
}

static void pipe_whose_reader_left(void) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  close(ends[0]);
  const spdl_trace_options options = {
      .struct_size = sizeof(options), .flags = SPDL_TRACE_HAS_FD, .fd = ends[1]};
  spdl_trace *trace = NULL;
  CHECK_OK(spdl_trace_start(&options, &trace, ERR));
  CHECK_ERROR(SPDL_E_IO, "Broken pipe", spdl_trace_stop(trace, ERR)); /* And no SIGPIPE. */
  spdl_trace_free(trace);
  close(ends[1]);
}

static spdl_status start_with(spdl_trace_options options, spdl_error *err) {
  spdl_trace *trace = NULL;
  return spdl_trace_start(&options, &trace, err);
}

/* A larger struct than the library's, and a smaller one. */
static void sizes_of_structs(void) {
  struct {
    spdl_trace_options options;
    uint64_t more;
  } larger = {{.struct_size = sizeof(larger), .path = "/dev/null"}, 1};
  spdl_trace *trace = NULL;
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_start(&larger.options, &trace, ERR));
  larger.more = 0;
  CHECK_OK(spdl_trace_start(&larger.options, &trace, ERR));
  spdl_trace_end_event(spdl_trace_begin_event(), 0, "one", NULL);
  CHECK_OK(spdl_trace_stop(trace, ERR));
  spdl_trace_info info = {.struct_size = offsetof(spdl_trace_info, num_dropped), .num_dropped = 77};
  CHECK_OK(spdl_trace_get_info(trace, &info, ERR));
  CHECK_EQ(info.num_events, 1);
  CHECK_EQ(info.num_dropped, 77); /* What does not belong to it stays. */
  spdl_trace_free(trace);
  spdl_trace_options smaller = {.struct_size = offsetof(spdl_trace_options, path),
                                .path = "/dev/null"};
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_start(&smaller, &trace, ERR));
}

static void wrong_arguments(void) {
  const spdl_trace_options good = {.struct_size = sizeof(good), .path = "/dev/null"};
  spdl_trace *trace = NULL;
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_start(NULL, &trace, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_start(&good, NULL, ERR));
  spdl_trace_options options = good;
  options.path = NULL;
  CHECK_STATUS(SPDL_E_INVALID, start_with(options, ERR));
  options = good, options.flags = SPDL_TRACE_HAS_FD;
  CHECK_STATUS(SPDL_E_INVALID, start_with(options, ERR));
  options = good, options.flags = 1u << 31;
  CHECK_STATUS(SPDL_E_INVALID, start_with(options, ERR));
  options = good, options.buffer_kb = UINT32_MAX;
  CHECK_STATUS(SPDL_E_INVALID, start_with(options, ERR));
  options = good, options.struct_size = 0;
  CHECK_STATUS(SPDL_E_INVALID, start_with(options, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_stop(NULL, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_set_counter(8, 1, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_set_counter(0, NAN, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_set_counter(0, INFINITY, ERR));
  CHECK_OK(spdl_trace_start(&good, &trace, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_get_info(trace, NULL, ERR));
  spdl_trace_info info = {.struct_size = sizeof(info)};
  CHECK_STATUS(SPDL_E_INVALID, spdl_trace_get_info(NULL, &info, ERR));
  spdl_trace_free(trace);
  spdl_trace_free(NULL);
}

CHECK_MAIN(CHECK_TEST(nothing_is_traced), CHECK_TEST(events_of_the_program), CHECK_TEST(stages),
           CHECK_TEST(long_names), CHECK_TEST(dropped_events), CHECK_TEST(threads_go_on),
           CHECK_TEST(one_at_a_time), CHECK_TEST(freed_without_a_stop),
           CHECK_TEST(what_cannot_be_written), CHECK_TEST(full_disk),
           CHECK_TEST(pipe_that_nobody_reads), CHECK_TEST(pipe_whose_reader_left),
           CHECK_TEST(sizes_of_structs), CHECK_TEST(wrong_arguments))
