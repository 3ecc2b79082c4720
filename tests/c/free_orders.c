/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles may be freed in any order. All 720 orders of source, demuxer, packets, frames, buffer and
 * array: the array is the caller's memory that took the buffer's bytes. After each step, everything
 * that is still there is used. Memory that comes back is overwritten and freed at once, so that
 * AddressSanitizer sees any later access. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "media.h"

enum { SOURCE, DEMUXER, PACKETS, FRAMES, BUFFER, ARRAY, NUM_ITEMS };
enum { TAG_ENCODED = 100, TAG_ARRAY = 200 };

typedef struct chain {
  media_bytes encoded; /* Lent as TAG_ENCODED; NULL once it came back. */
  media_bytes array;   /* Lent as TAG_ARRAY; likewise. */
  spdl_source *source;
  spdl_demuxer *demuxer;
  spdl_packets *packets;
  spdl_frames *frames;
  spdl_buffer *buffer;
  spdl_memory *memory;
  int is_alive[NUM_ITEMS];
} chain;

/* The file, its kind, and the right result; the same for all orders. */
static media_bytes file;
static int32_t media;
static media_bytes expected;

static void make_chain(chain *made) {
  memset(made, 0, sizeof(*made));
  made->encoded = (media_bytes){malloc(file.size), file.size};
  made->array = (media_bytes){malloc(expected.size), expected.size};
  CHECK(made->encoded.data && made->array.data);
  memcpy(made->encoded.data, file.data, file.size);
  made->source = media_open_bytes(&made->encoded, TAG_ENCODED);
  CHECK_OK(spdl_demuxer_open(made->source, NULL, NULL, &made->demuxer, ERR));
  CHECK_OK(spdl_demuxer_demux(made->demuxer, media, NULL, NULL, &made->packets, ERR));
  const spdl_decode_options decode = {.struct_size = sizeof(decode), .filter = SPDL_FILTER_NONE};
  CHECK_OK(spdl_packets_decode(made->packets, &decode, NULL, &made->frames, ERR));
  CHECK_OK(spdl_memory_borrow(made->array.data, made->array.size, SPDL_MEMORY_WRITABLE, TAG_ARRAY,
                              &made->memory, ERR));
  const spdl_convert_options convert = {.struct_size = sizeof(convert), .out = made->memory};
  const spdl_frames *frames = made->frames;
  CHECK_OK(spdl_frames_convert(&frames, 1, &convert, NULL, &made->buffer, ERR));
  for (int item = 0; item < NUM_ITEMS; ++item) made->is_alive[item] = 1;
}

static void free_item(chain *items, int item) {
  items->is_alive[item] = 0;
  switch (item) {
    case SOURCE:
      spdl_source_free(items->source);
      break;
    case DEMUXER:
      spdl_demuxer_free(items->demuxer);
      break;
    case PACKETS:
      spdl_packets_free(items->packets);
      break;
    case FRAMES:
      spdl_frames_free(items->frames);
      break;
    case BUFFER:
      spdl_buffer_free(items->buffer);
      break;
    case ARRAY:
      spdl_memory_free(items->memory);
      break;
  }
}

static void take_back(chain *items) {
  uint64_t tag = 0;
  while (spdl_released_drain(&tag, 1) == 1) {
    CHECK(tag == TAG_ENCODED || tag == TAG_ARRAY);
    media_bytes *bytes = tag == TAG_ENCODED ? &items->encoded : &items->array;
    CHECK(bytes->data != NULL); /* Not a second time. */
    memset(bytes->data, 0xdd, bytes->size);
    media_free(bytes);
  }
}

static void use_source(const chain *items) {
  spdl_source_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_source_get_info(items->source, &info, ERR));
  CHECK(strncmp(info.name, "<Bytes: 0x", 10) == 0);
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_source_demux(items->source, media, NULL, NULL, NULL, &packets, ERR));
  spdl_packets_free(packets);
}

static void use_demuxer(const chain *items) {
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_demuxer_demux(items->demuxer, media, NULL, NULL, &packets, ERR));
  spdl_packets_free(packets);
}

static void use_packets(const chain *items) {
  const spdl_decode_options decode = {.struct_size = sizeof(decode), .filter = SPDL_FILTER_NONE};
  spdl_frames *frames = NULL;
  CHECK_OK(spdl_packets_decode(items->packets, &decode, NULL, &frames, ERR));
  spdl_buffer *buffer = media_convert(frames);
  CHECK_BYTES(media_buffer_info(buffer).data, expected.data, expected.size);
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
}

static void use_frames(const chain *items) {
  spdl_buffer *buffer = media_convert(items->frames);
  CHECK_EQ(media_buffer_info(buffer).size, expected.size);
  CHECK_BYTES(media_buffer_info(buffer).data, expected.data, expected.size);
  spdl_buffer_free(buffer);
}

static void use_buffer(const chain *items) {
  const spdl_buffer_info info = media_buffer_info(items->buffer);
  CHECK(info.data == items->array.data);
  CHECK_BYTES(info.data, expected.data, expected.size);
}

static void use_what_remains(const chain *items) {
  if (items->is_alive[SOURCE]) use_source(items);
  if (items->is_alive[DEMUXER]) use_demuxer(items);
  if (items->is_alive[PACKETS]) use_packets(items);
  if (items->is_alive[FRAMES]) use_frames(items);
  if (items->is_alive[BUFFER]) use_buffer(items);
  /* Lent memory is still lent while its handle or the buffer on it lives. */
  const int is_lent = items->is_alive[ARRAY] || items->is_alive[BUFFER];
  CHECK((items->array.data != NULL) == is_lent);
  if (is_lent) CHECK_BYTES(items->array.data, expected.data, expected.size);
  if (items->is_alive[SOURCE] || items->is_alive[DEMUXER]) CHECK(items->encoded.data != NULL);
}

static void run_order(const int *order) {
  chain items;
  make_chain(&items);
  for (int step = 0; step < NUM_ITEMS; ++step) {
    free_item(&items, order[step]);
    take_back(&items);
    use_what_remains(&items);
  }
  CHECK(items.encoded.data == NULL && items.array.data == NULL);
}

/* Calls run_order() with every permutation of order[from..]. */
static int run_orders(int *order, int from) {
  if (from == NUM_ITEMS) {
    run_order(order);
    return 1;
  }
  int count = 0;
  for (int i = from; i < NUM_ITEMS; ++i) {
    const int first = order[i];
    order[i] = order[from];
    order[from] = first;
    count += run_orders(order, from + 1);
    order[from] = order[i];
    order[i] = first;
  }
  return count;
}

static void run_all_orders(void) {
  spdl_source *source = media_open_bytes(&file, 1);
  spdl_packets *packets = media_demux(source, media);
  const spdl_decode_options decode = {.struct_size = sizeof(decode), .filter = SPDL_FILTER_NONE};
  spdl_frames *frames = NULL;
  CHECK_OK(spdl_packets_decode(packets, &decode, NULL, &frames, ERR));
  spdl_buffer *buffer = media_convert(frames);
  const spdl_buffer_info info = media_buffer_info(buffer);
  expected = (media_bytes){malloc(info.size), info.size};
  memcpy(expected.data, info.data, info.size);
  spdl_buffer_free(buffer);
  spdl_frames_free(frames);
  spdl_packets_free(packets);
  spdl_source_free(source);
  check_tag_released(1);

  int order[NUM_ITEMS] = {SOURCE, DEMUXER, PACKETS, FRAMES, BUFFER, ARRAY};
  CHECK_EQ(run_orders(order, 0), 720);
  media_free(&expected);
  media_free(&file);
}

static void picture(void) {
  file = media_make_ppm(16, 8);
  media = SPDL_MEDIA_IMAGE;
  run_all_orders();
}

/* Its frames point into its packets. */
static void raw_video(void) {
  file = media_read(RAW_NUT);
  media = SPDL_MEDIA_VIDEO;
  run_all_orders();
}

static void sound(void) {
  file = media_make_wav(8000, 2, 200);
  media = SPDL_MEDIA_AUDIO;
  run_all_orders();
}

CHECK_MAIN(CHECK_TEST(picture), CHECK_TEST(raw_video), CHECK_TEST(sound))
