/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of every kind of handle: making one counts it, freeing it ends it, freeing NULL does
 * nothing, a call that fails makes none. */
#include <stdio.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static spdl_source *picture;
static spdl_source *missing;
static spdl_demuxer *demuxer;
static spdl_packets *packets;
static spdl_frames *frames;
static char byte;

static void make_items(void) {
  picture = media_open(PICTURE_JPG);
  packets = media_demux(picture, SPDL_MEDIA_IMAGE);
  frames = media_decode(packets, NULL);
  CHECK_OK(spdl_demuxer_open(picture, NULL, NULL, &demuxer, ERR));
  CHECK_OK(spdl_source_from_path("/nowhere/a.jpg", NULL, &missing, ERR));
}

static void free_items(void) {
  spdl_source_free(picture);
  spdl_source_free(missing);
  spdl_demuxer_free(demuxer);
  spdl_packets_free(packets);
  spdl_frames_free(frames);
}

/* One maker and one destroyer for each row; a maker may be made to fail. */
#define FREE_AS(type, function) \
  static void function##_any(void *handle) { function((type *)handle); }

FREE_AS(spdl_cancel, spdl_cancel_free)
FREE_AS(spdl_memory, spdl_memory_free)
FREE_AS(spdl_source, spdl_source_free)
FREE_AS(spdl_demuxer, spdl_demuxer_free)
FREE_AS(spdl_chunk, spdl_chunk_free)
FREE_AS(spdl_codec, spdl_codec_free)
FREE_AS(spdl_decoder, spdl_decoder_free)
FREE_AS(spdl_packets, spdl_packets_free)
FREE_AS(spdl_frames, spdl_frames_free)
FREE_AS(spdl_buffer, spdl_buffer_free)
FREE_AS(spdl_batch, spdl_batch_free)
FREE_AS(spdl_encoder, spdl_encoder_free)
FREE_AS(spdl_muxer, spdl_muxer_free)
FREE_AS(spdl_samples, spdl_samples_free)
FREE_AS(spdl_bsf, spdl_bsf_free)
FREE_AS(spdl_filter_graph, spdl_filter_graph_free)
FREE_AS(spdl_pool, spdl_pool_free)
FREE_AS(spdl_queue, spdl_queue_free)
FREE_AS(spdl_zip, spdl_zip_free)
FREE_AS(spdl_trace, spdl_trace_free)

static void *make_cancel(int failing) {
  spdl_cancel *cancel = NULL;
  spdl_cancel_create(failing ? NULL : &cancel, NULL);
  return cancel;
}
static void *make_memory(int failing) {
  spdl_memory *memory = NULL;
  spdl_memory_borrow(failing ? NULL : &byte, 1, 0, 5, &memory, NULL);
  return memory;
}
static void *make_source(int failing) {
  spdl_source *source = NULL;
  spdl_source_from_path(failing ? NULL : "a", NULL, &source, NULL);
  return source;
}
static void *make_url_source(int failing) {
  spdl_source *source = NULL;
  spdl_source_from_url(failing ? NULL : "file:a", NULL, &source, NULL);
  return source;
}
static void *make_fed_source(int failing) {
  spdl_source *source = NULL;
  spdl_source_from_feed(failing ? -2 : 1, NULL, &source, NULL);
  return source;
}
static void *make_demuxer(int failing) {
  spdl_demuxer *made = NULL;
  spdl_demuxer_open(failing ? missing : picture, NULL, NULL, &made, NULL);
  return made;
}
static void *make_codec(int failing) {
  spdl_codec *codec = NULL;
  spdl_packets_get_codec(failing ? NULL : packets, &codec, NULL);
  return codec;
}
static void *make_stream_codec(int failing) {
  spdl_codec *codec = NULL;
  spdl_demuxer_get_codec(demuxer, failing ? SPDL_MEDIA_AUDIO : SPDL_MEDIA_IMAGE, &codec, NULL);
  return codec;
}
static void *make_chunk(int failing) {
  const int32_t stream = failing ? 1 : 0;
  const spdl_read_options options = {.struct_size = sizeof(options), .flags = SPDL_READ_FROM_START};
  spdl_chunk *chunk = NULL;
  spdl_demuxer_read(demuxer, &stream, 1, &options, NULL, &chunk, NULL);
  return chunk;
}
static void *make_decoder(int failing) {
  const spdl_decode_options options = {.struct_size = sizeof(options),
                                       .decoder = failing ? "nonsense" : NULL};
  spdl_codec *codec = NULL;
  spdl_decoder *decoder = NULL;
  CHECK_OK(spdl_packets_get_codec(packets, &codec, ERR));
  spdl_decoder_open(codec, &options, &decoder, NULL);
  spdl_codec_free(codec);
  return decoder;
}
static void *make_packets(int failing) {
  spdl_packets *made = NULL;
  spdl_demuxer_demux(demuxer, failing ? SPDL_MEDIA_AUDIO : SPDL_MEDIA_IMAGE, NULL, NULL, &made,
                     NULL);
  return made;
}
static void *make_packets_at_once(int failing) {
  spdl_packets *made = NULL;
  spdl_source_demux(failing ? missing : picture, SPDL_MEDIA_IMAGE, NULL, NULL, NULL, &made, NULL);
  return made;
}
static void *make_bytes(int failing) {
  spdl_buffer *made = NULL;
  spdl_packets_serialize(failing ? NULL : packets, &made, NULL);
  return made;
}
static void *make_packets_of_bytes(int failing) {
  spdl_buffer *bytes = NULL;
  spdl_packets_serialize(packets, &bytes, NULL);
  const spdl_buffer_info info = media_buffer_info(bytes);
  spdl_memory *memory = NULL;
  spdl_packets *made = NULL;
  uint64_t tag;
  spdl_memory_borrow(info.data, info.size - (failing ? 1 : 0), 0, 5, &memory, NULL);
  spdl_packets_deserialize(memory, 0, SPDL_DESERIALIZE_COPY, &made, NULL);
  spdl_memory_free(memory);
  spdl_released_drain(&tag, 1);
  spdl_buffer_free(bytes);
  return made;
}
static void *make_frames(int failing) {
  const spdl_decode_options options = {.struct_size = sizeof(options),
                                       .filter = SPDL_FILTER_CUSTOM,
                                       .filter_desc = failing ? "nonsense" : "hflip"};
  spdl_frames *made = NULL;
  spdl_packets_decode(packets, &options, NULL, &made, NULL);
  return made;
}
static void *make_samples(int failing) {
  spdl_source *source = media_open(PICTURES_NUT);
  spdl_packets *video = media_demux(source, SPDL_MEDIA_VIDEO);
  const int64_t index = failing ? 5 : 4;
  spdl_samples *made = NULL;
  spdl_packets_sample(video, &index, 1, NULL, NULL, &made, NULL);
  spdl_packets_free(video);
  spdl_source_free(source);
  return made;
}
static void *make_bsf(int failing) {
  spdl_codec *codec = NULL;
  spdl_bsf *made = NULL;
  spdl_packets_get_codec(packets, &codec, NULL);
  spdl_bsf_open(codec, failing ? "nothing" : "null", &made, NULL);
  spdl_codec_free(codec);
  return made;
}
static void *make_filter_graph(int failing) {
  spdl_filter_graph *made = NULL;
  spdl_filter_graph_open(failing ? "testsrc" : "testsrc,buffersink", NULL, &made, NULL);
  return made;
}
static void *make_buffer(int failing) {
  const spdl_frames *items[] = {frames, failing ? NULL : frames};
  const spdl_convert_options options = {.struct_size = sizeof(options),
                                        .flags = SPDL_CONVERT_BATCH};
  spdl_buffer *made = NULL;
  spdl_frames_convert(items, 2, &options, NULL, &made, NULL);
  return made;
}
static void *make_buffer_at_once(int failing) {
  spdl_buffer *made = NULL;
  spdl_source_load(failing ? missing : picture, SPDL_MEDIA_IMAGE, NULL, NULL, &made, NULL);
  return made;
}
static void *make_batch(int failing) {
  const spdl_source *sources[] = {picture, failing ? missing : picture};
  spdl_batch *made = NULL;
  spdl_batch_load(sources, 2, NULL, NULL, &made, NULL);
  return made;
}
static void *make_muxer(int failing) {
  spdl_muxer *muxer = NULL;
  spdl_muxer_create(failing ? "a.nothing" : "a.nut", NULL, &muxer, NULL);
  return muxer;
}
static void *make_encoder(int failing) {
  const spdl_encode_options options = {.struct_size = sizeof(options),
                                       .media = SPDL_MEDIA_VIDEO,
                                       .encoder = "png",
                                       .format = failing ? "nonsense" : "rgb24",
                                       .width = 8,
                                       .height = 8};
  spdl_muxer *muxer = make_muxer(0);
  spdl_encoder *encoder = NULL;
  spdl_muxer_add_encode_stream(muxer, &options, &encoder, NULL);
  spdl_muxer_free(muxer);
  return encoder;
}
static void *make_pool(int failing) {
  const spdl_pool_options options = {.struct_size = sizeof(options),
                                     .num_threads = failing ? 5000 : 2};
  spdl_pool *pool = NULL;
  spdl_pool_create(&options, &pool, NULL);
  return pool;
}
static void *make_queue(int failing) {
  const spdl_queue_options options = {
      .struct_size = sizeof(options), .flags = failing ? SPDL_QUEUE_HAS_FD : 0, .fd = -1};
  spdl_queue *queue = NULL;
  spdl_queue_create(NULL, &options, &queue, NULL);
  return queue;
}

static void *make_zip(int failing) {
  static const char empty[22] = "PK\5\6";
  spdl_memory *memory = NULL;
  spdl_memory_borrow(empty, failing ? 21 : 22, 0, 5, &memory, NULL);
  spdl_zip *zip = NULL;
  spdl_zip_open(memory, NULL, NULL, &zip, NULL);
  spdl_memory_free(memory);
  return zip;
}

/* One that has ended, since only one can be written at a time. */
static void *make_trace(int failing) {
  const spdl_trace_options options = {.struct_size = sizeof(options),
                                      .path = failing ? "/dev/null/nowhere" : "/dev/null"};
  spdl_trace *trace = NULL;
  while (spdl_trace_start(&options, &trace, NULL) == SPDL_E_BUSY) check_sleep_ms(1);
  if (trace) spdl_trace_stop(trace, NULL);
  return trace;
}

static const struct {
  const char *name;
  uint32_t kind;
  void *(*make)(int failing);
  void (*free)(void *handle);
} table[] = {
    {"cancel", SPDL_KIND_CANCEL, make_cancel, spdl_cancel_free_any},
    {"memory", SPDL_KIND_MEMORY, make_memory, spdl_memory_free_any},
    {"source", SPDL_KIND_SOURCE, make_source, spdl_source_free_any},
    {"URL source", SPDL_KIND_SOURCE, make_url_source, spdl_source_free_any},
    {"fed source", SPDL_KIND_SOURCE, make_fed_source, spdl_source_free_any},
    {"demuxer", SPDL_KIND_DEMUXER, make_demuxer, spdl_demuxer_free_any},
    {"codec of packets", SPDL_KIND_CODEC, make_codec, spdl_codec_free_any},
    {"codec of a stream", SPDL_KIND_CODEC, make_stream_codec, spdl_codec_free_any},
    {"chunk", SPDL_KIND_CHUNK, make_chunk, spdl_chunk_free_any},
    {"decoder", SPDL_KIND_DECODER, make_decoder, spdl_decoder_free_any},
    {"packets", SPDL_KIND_PACKETS, make_packets, spdl_packets_free_any},
    {"packets at once", SPDL_KIND_PACKETS, make_packets_at_once, spdl_packets_free_any},
    {"bytes of packets", SPDL_KIND_BUFFER, make_bytes, spdl_buffer_free_any},
    {"packets of bytes", SPDL_KIND_PACKETS, make_packets_of_bytes, spdl_packets_free_any},
    {"frames", SPDL_KIND_FRAMES, make_frames, spdl_frames_free_any},
    {"buffer", SPDL_KIND_BUFFER, make_buffer, spdl_buffer_free_any},
    {"buffer at once", SPDL_KIND_BUFFER, make_buffer_at_once, spdl_buffer_free_any},
    {"batch", SPDL_KIND_BATCH, make_batch, spdl_batch_free_any},
    {"encoder", SPDL_KIND_ENCODER, make_encoder, spdl_encoder_free_any},
    {"muxer", SPDL_KIND_MUXER, make_muxer, spdl_muxer_free_any},
    {"samples", SPDL_KIND_SAMPLES, make_samples, spdl_samples_free_any},
    {"bsf", SPDL_KIND_BSF, make_bsf, spdl_bsf_free_any},
    {"filter graph", SPDL_KIND_FILTER_GRAPH, make_filter_graph, spdl_filter_graph_free_any},
    {"pool", SPDL_KIND_POOL, make_pool, spdl_pool_free_any},
    {"queue", SPDL_KIND_QUEUE, make_queue, spdl_queue_free_any},
    {"zip", SPDL_KIND_ZIP, make_zip, spdl_zip_free_any},
    {"trace", SPDL_KIND_TRACE, make_trace, spdl_trace_free_any},
};
#define NUM_ROWS (sizeof(table) / sizeof(table[0]))

static void check_row(size_t row) {
  const uint32_t kind = table[row].kind;
  const int64_t before = spdl_library_count_handles(kind);
  const int64_t all_before = spdl_library_count_handles(SPDL_KIND_NONE);
  void *first = table[row].make(0);
  CHECK(first != NULL);
  CHECK_EQ(spdl_library_count_handles(kind), before + 1);
  void *second = table[row].make(0);
  CHECK(second != NULL && second != first);
  CHECK_EQ(spdl_library_count_handles(kind), before + 2);
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_NONE), all_before + 2);
  table[row].free(first);
  CHECK_EQ(spdl_library_count_handles(kind), before + 1);
  table[row].free(second);
  CHECK_EQ(spdl_library_count_handles(kind), before);
  table[row].free(NULL);
  CHECK(table[row].make(1) == NULL);
  CHECK_EQ(spdl_library_count_handles(kind), before);
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_NONE), all_before);
}

static void every_kind(void) {
  make_items();
  uint32_t seen = 0;
  for (size_t row = 0; row < NUM_ROWS; ++row) {
    printf("  %s\n", table[row].name);
    check_row(row);
    seen |= 1u << table[row].kind;
  }
  for (uint32_t kind = 1; kind < SPDL_KIND_COUNT; ++kind) CHECK(seen & (1u << kind));
  free_items();
  /* Two of memory, two of archives and one of an archive that there is not. */
  for (int i = 0; i < 5; ++i) check_tag_released(5);
}

static void *make_and_free_all(void *unused) {
  for (int round = 0; round < 20; ++round)
    for (size_t row = 0; row < NUM_ROWS; ++row) {
      if (table[row].kind == SPDL_KIND_MEMORY || table[row].kind == SPDL_KIND_ZIP) continue;
      void *handle = table[row].make(0);
      /* The demuxer serves one thread at a time. */
      if (!handle && table[row].make != make_packets && table[row].make != make_chunk)
        return "a handle is missing";
      table[row].free(handle);
    }
  return unused;
}

static void every_kind_on_four_threads(void) {
  make_items();
  pthread_t threads[4];
  for (int i = 0; i < 4; ++i)
    CHECK_EQ(pthread_create(&threads[i], NULL, make_and_free_all, NULL), 0);
  for (int i = 0; i < 4; ++i) {
    void *problem = NULL;
    pthread_join(threads[i], &problem);
    CHECK(problem == NULL);
  }
  free_items();
}

CHECK_MAIN(CHECK_TEST(every_kind), CHECK_TEST(every_kind_on_four_threads))
