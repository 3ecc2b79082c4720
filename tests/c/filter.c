/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/filter.h: graphs of filters, what they give, and what they refuse. */
#include "spdl/filter.h"

#include "arguments.h"

/* The pictures of RAW_NUT: 32 x 24, rgb24, five of them at 5 Hz. */
#define SIZE "video_size=32x24:pix_fmt=rgb24:time_base=1/5:frame_rate=5"
#define SOURCE "buffer=" SIZE
#define TWO_ENDED                       \
  "buffer@a=" SIZE "[a];buffer@b=" SIZE \
  "[b];[a][b]hstack,split[x],"          \
  "vflip,buffersink@y;[x]buffersink@x"

static spdl_packets *raw;
static spdl_frames *pictures;

static void make_pictures(void) {
  spdl_source *from = media_open(RAW_NUT);
  raw = media_demux(from, SPDL_MEDIA_VIDEO);
  pictures = media_decode(raw, NULL);
  spdl_source_free(from);
}

static void free_pictures(void) {
  spdl_packets_free(raw);
  spdl_frames_free(pictures);
}

static spdl_filter_graph *open_graph(const char *desc) {
  spdl_filter_graph *graph = NULL;
  CHECK_OK(spdl_filter_graph_open(desc, NULL, &graph, ERR));
  return graph;
}

static void add(const spdl_filter_graph *graph, const char *key) {
  CHECK_OK(spdl_filter_graph_add_frames(graph, key, pictures, NULL, ERR));
}

static spdl_frames *get(const spdl_filter_graph *graph, const char *key) {
  spdl_frames *got = NULL;
  CHECK_OK(spdl_filter_graph_get_frames(graph, key, NULL, &got, ERR));
  return got;
}

/* They are what decoding with a filter gives. Frees them. */
static void check_like_decoding(spdl_frames *got, const char *desc) {
  spdl_frames *decoded = media_decode(raw, desc);
  spdl_buffer *buffers[] = {media_convert(got), media_convert(decoded)};
  media_check_equal(buffers[0], buffers[1]);
  const spdl_frames *both[] = {got, decoded};
  double seconds[2][8];
  size_t num[2];
  for (int i = 0; i < 2; ++i) {
    int64_t pts[8];
    CHECK_OK(spdl_frames_get_pts(both[i], pts, 8, &num[i], ERR));
    const spdl_rational tick = media_frames_info(both[i]).time_base;
    for (size_t k = 0; k < num[i]; ++k)
      seconds[i][k] = (double)(pts[k] * tick.num) / (double)tick.den;
  }
  CHECK_EQ(num[0], num[1]);
  for (size_t k = 0; k < num[0]; ++k) CHECK_CLOSE(seconds[0][k], seconds[1][k], 1e-12);
  for (int i = 0; i < 2; ++i) spdl_buffer_free(buffers[i]);
  spdl_frames_free(decoded);
  spdl_frames_free(got);
}

static void one_chain(void) {
  make_pictures();
  spdl_filter_graph *graph = open_graph(SOURCE ",hflip,buffersink");
  add(graph, NULL);
  check_like_decoding(get(graph, NULL), "hflip");
  spdl_filter_graph_free(graph);
  /* The frames outlive the graph. */
  graph = open_graph(SOURCE ",fps=50,buffersink");
  add(graph, "buffer");
  CHECK_OK(spdl_filter_graph_flush(graph, NULL, ERR));
  spdl_frames *got = get(graph, "buffersink");
  spdl_filter_graph_free(graph);
  CHECK_EQ(media_frames_info(got).num_frames, 50);
  CHECK_EQ(media_frames_info(got).media, SPDL_MEDIA_VIDEO);
  spdl_frames_free(got);
  free_pictures();
}

static void the_end(void) {
  make_pictures();
  spdl_frames *got = NULL;
  spdl_filter_graph *graph = open_graph(SOURCE ",reverse,buffersink");
  CHECK_STATUS(SPDL_AGAIN, spdl_filter_graph_get_frames(graph, NULL, NULL, &got, ERR));
  add(graph, NULL);
  CHECK_STATUS(SPDL_AGAIN, spdl_filter_graph_get_frames(graph, NULL, NULL, &got, ERR));
  CHECK(got == NULL);
  for (int i = 0; i < 2; ++i) CHECK_OK(spdl_filter_graph_flush(graph, NULL, ERR));
  CHECK_ERROR(SPDL_E_INVALID, "was flushed",
              spdl_filter_graph_add_frames(graph, NULL, pictures, NULL, ERR));
  check_like_decoding(get(graph, NULL), "reverse");
  CHECK_STATUS(SPDL_EOF, spdl_filter_graph_get_frames(graph, NULL, NULL, &got, ERR));
  spdl_filter_graph_free(graph);
  free_pictures();
}

static void check_keys(const spdl_filter_graph *graph, int32_t list, const char *first,
                       const char *second) {
  spdl_entry keys[3] = {{"unset", NULL}, {"unset", NULL}, {"unset", NULL}};
  size_t num = 0;
  CHECK_OK(spdl_filter_graph_get_keys(graph, list, NULL, 0, &num, ERR));
  CHECK_EQ(num, 2);
  CHECK_OK(spdl_filter_graph_get_keys(graph, list, keys, 1, &num, ERR));
  CHECK_STRING(keys[1].name, "unset");
  CHECK_OK(spdl_filter_graph_get_keys(graph, list, keys, 3, &num, ERR));
  CHECK_STRING(keys[0].name, first);
  CHECK_STRING(keys[1].name, second);
  CHECK_STRING(keys[1].value, "video");
  CHECK_STRING(keys[2].name, "unset");
}

static void several_ends(void) {
  make_pictures();
  spdl_filter_graph *graph = open_graph(TWO_ENDED);
  spdl_filter_graph_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_filter_graph_get_info(graph, &info, ERR));
  CHECK(info.num_sources == 2 && info.num_sinks == 2);
  CHECK(strstr(info.dump, "hstack") != NULL);
  check_keys(graph, SPDL_GRAPH_SOURCES, "buffer@a", "buffer@b");
  check_keys(graph, SPDL_GRAPH_SINKS, "buffersink@y", "buffersink@x");
  spdl_frames *got = NULL;
  add(graph, "buffer@a");
  CHECK_STATUS(SPDL_AGAIN, spdl_filter_graph_get_frames(graph, "buffersink@x", NULL, &got, ERR));
  add(graph, "buffer@b");
  check_like_decoding(get(graph, "buffersink@x"), "split[a][b];[a][b]hstack");
  check_like_decoding(get(graph, "buffersink@y"), "split[a][b];[a][b]hstack,vflip");
  CHECK_ERROR(SPDL_E_INVALID, "A key is needed: the sinks of the filter graph are buffersink@y, b",
              spdl_filter_graph_get_frames(graph, NULL, NULL, &got, ERR));
  CHECK_ERROR(SPDL_E_INVALID, "There is no buffer: the sources of the filter graph are buffer@a, b",
              spdl_filter_graph_add_frames(graph, "buffer", pictures, NULL, ERR));
  CHECK(got == NULL);
  spdl_filter_graph_free(graph);
  free_pictures();
}

static void on_a_queue(void) {
  make_pictures();
  queue = job_queue(NULL, 0);
  spdl_filter_graph *graph = open_graph(SOURCE ",hflip,buffersink");
  CHECK_OK(spdl_filter_graph_get_frames_submit(queue, 1, graph, NULL, NULL, ERR));
  job_expect(queue, 1, SPDL_AGAIN);
  CHECK_OK(spdl_filter_graph_add_frames_submit(queue, 2, graph, NULL, pictures, NULL, ERR));
  job_expect(queue, 2, SPDL_OK);
  CHECK_OK(spdl_filter_graph_get_frames_submit(queue, 3, graph, NULL, NULL, ERR));
  const job_end end = job_collect(queue);
  CHECK_EQ(end.completion.status, SPDL_OK);
  CHECK_EQ(end.completion.kind, SPDL_KIND_FRAMES);
  check_like_decoding(end.completion.result, "hflip");
  CHECK_OK(spdl_filter_graph_flush_submit(queue, 4, graph, NULL, ERR));
  job_expect(queue, 4, SPDL_OK);
  CHECK_OK(spdl_filter_graph_get_frames_submit(queue, 5, graph, NULL, NULL, ERR));
  job_expect(queue, 5, SPDL_EOF);
  spdl_filter_graph_free(graph);
  spdl_queue_free(queue);
  free_pictures();
}

/* A graph that never ends is busy until it is cancelled. */
static void busy(void) {
  queue = job_queue(NULL, 0);
  spdl_filter_graph *graph = open_graph("testsrc=size=1280x720,scale=16:16,buffersink");
  spdl_frames *got = NULL;
  CHECK_OK(spdl_filter_graph_get_frames_submit(queue, 1, graph, NULL, NULL, ERR));
  const int64_t start = check_now_ns();
  /* Now and then only: the job would find the graph busy with this. */
  do {
    CHECK(check_now_ns() - start < PATIENCE);
    check_sleep_ms(20);
  } while (spdl_filter_graph_flush(graph, NULL, NULL) != SPDL_E_BUSY);
  CHECK_ERROR(SPDL_E_BUSY, "Another thread uses this filter graph",
              spdl_filter_graph_get_frames(graph, NULL, NULL, &got, ERR));
  spdl_filter_graph_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_filter_graph_get_info(graph, &info, ERR));
  CHECK_OK(spdl_queue_cancel(queue, 1, ERR));
  job_expect(queue, 1, SPDL_E_CANCELLED);
  /* What it had made is still there. */
  spdl_limits limits = {.struct_size = sizeof(limits), .max_frames = 100000, .timeout_ns = 1};
  CHECK_STATUS(SPDL_E_DEADLINE, spdl_filter_graph_get_frames(graph, NULL, &limits, &got, ERR));
  limits = (spdl_limits){.struct_size = sizeof(limits), .max_bytes = 100};
  CHECK_STATUS(SPDL_E_LIMIT, spdl_filter_graph_get_frames(graph, NULL, &limits, &got, ERR));
  CHECK(got == NULL);
  spdl_filter_graph_free(graph);
  spdl_queue_free(queue);
}

/* A limit ends an operation, not the graph. */
static void limits(void) {
  make_pictures();
  spdl_filter_graph *graph = open_graph(SOURCE ",hflip,buffersink");
  spdl_frames *got = NULL;
  const spdl_limits few = {.struct_size = sizeof(few), .max_frames = 9};
  const spdl_limits small = {.struct_size = sizeof(small), .max_pixels = 100};
  add(graph, NULL);
  CHECK_STATUS(SPDL_E_LIMIT, spdl_filter_graph_add_frames(graph, NULL, pictures, &few, ERR));
  CHECK_STATUS(SPDL_E_LIMIT, spdl_filter_graph_get_frames(graph, NULL, &small, &got, ERR));
  CHECK_STATUS(SPDL_E_LIMIT, spdl_filter_graph_get_frames(graph, NULL, &small, &got, ERR));
  check_like_decoding(get(graph, NULL), "hflip");
  spdl_filter_graph *none = NULL;
  CHECK_ERROR(SPDL_E_LIMIT, "32x24",
              spdl_filter_graph_open(SOURCE ",buffersink", &small, &none, ERR));
  CHECK(got == NULL && none == NULL);
  spdl_filter_graph_free(graph);
  free_pictures();
}

static void wrong_descriptions(void) {
  static const char *const wrong[][2] = {
      {"", "(the text is empty)"},
      {SOURCE ",nope=1,buffersink", "(no such filter: nope)"},
      {SOURCE ",scale=wdth=1,buffersink", "(the filter scale has no option wdth)"},
      {SOURCE ",crop=w=99,buffersink", "(the filter crop does not suit these frames)"},
      {SOURCE ",split[a],buffersink", "(the output [a] is not connected)"},
      {SOURCE ",nullsink", "(it has no sink"},
      {SOURCE ",buffersink;" SOURCE ",buffersink", "several have the same name"},
  };
  spdl_filter_graph *graph = NULL;
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    CHECK_ERROR(SPDL_E_FILTER, wrong[i][1], spdl_filter_graph_open(wrong[i][0], NULL, &graph, ERR));
    CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_FILTER);
    check_message("Failed to parse the filter description: ", __FILE__, __LINE__);
  }
  CHECK(graph == NULL);
}

static void wrong_frames(void) {
  make_pictures();
  spdl_frames *gray = media_decode(raw, "format=gray");
  spdl_filter_graph *graph = open_graph(SOURCE ",buffersink");
  CHECK_ERROR(SPDL_E_FILTER, "takes pictures (rgb24, 32x24), but the frames are pictures (gray, 3",
              spdl_filter_graph_add_frames(graph, NULL, gray, NULL, ERR));
  spdl_filter_graph_free(graph);
  spdl_frames_free(gray);
  free_pictures();
}

static void wrong_arguments(void) {
  make_pictures();
  queue = job_queue(NULL, 0);
  spdl_filter_graph *graph = open_graph(SOURCE ",buffersink"), *made = UNSET;
  spdl_frames *got = UNSET;
  spdl_filter_graph_info info = {.struct_size = sizeof(info)};
  spdl_entry keys[1];
  size_t num = 7;
  REFUSES(spdl_filter_graph_open(NULL, NULL, &made, err));
  REFUSES(spdl_filter_graph_open(SOURCE ",buffersink", NULL, NULL, err));
  REFUSES(spdl_filter_graph_get_info(NULL, &info, err));
  REFUSES(spdl_filter_graph_get_info(graph, NULL, err));
  REFUSES(spdl_filter_graph_get_keys(NULL, SPDL_GRAPH_SINKS, keys, 1, &num, err));
  REFUSES(spdl_filter_graph_get_keys(graph, 3, keys, 1, &num, err));
  REFUSES(spdl_filter_graph_get_keys(graph, SPDL_GRAPH_SINKS, NULL, 1, &num, err));
  REFUSES(spdl_filter_graph_get_keys(graph, SPDL_GRAPH_SINKS, keys, 1, NULL, err));
  REFUSES(spdl_filter_graph_add_frames(NULL, NULL, pictures, NULL, err));
  REFUSES(spdl_filter_graph_add_frames(graph, NULL, NULL, NULL, err));
  REFUSES(spdl_filter_graph_add_frames_submit(NULL, 1, graph, NULL, pictures, NULL, err));
  REFUSES(spdl_filter_graph_add_frames_submit(queue, 1, graph, NULL, NULL, NULL, err));
  REFUSES(spdl_filter_graph_get_frames(NULL, NULL, NULL, &got, err));
  REFUSES(spdl_filter_graph_get_frames(graph, NULL, NULL, NULL, err));
  REFUSES(spdl_filter_graph_get_frames_submit(NULL, 1, graph, NULL, NULL, err));
  REFUSES(spdl_filter_graph_get_frames_submit(queue, 1, NULL, NULL, NULL, err));
  REFUSES(spdl_filter_graph_flush(NULL, NULL, err));
  REFUSES(spdl_filter_graph_flush_submit(NULL, 1, graph, NULL, err));
  REFUSES(spdl_filter_graph_flush_submit(queue, 1, NULL, NULL, err));
  CHECK(made == UNSET && got == UNSET && num == 7);
  job_check_none_ready(queue);
  spdl_queue_free(queue);
  spdl_filter_graph_free(graph);
  free_pictures();
}

CHECK_MAIN(CHECK_TEST(one_chain), CHECK_TEST(the_end), CHECK_TEST(several_ends),
           CHECK_TEST(on_a_queue), CHECK_TEST(busy), CHECK_TEST(limits),
           CHECK_TEST(wrong_descriptions), CHECK_TEST(wrong_frames), CHECK_TEST(wrong_arguments))
