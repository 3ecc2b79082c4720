/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrong arguments: SPDL_E_INVALID, with and without an error to write to, the out-parameters left
 * as they were; never a crash. The table goes through every function that can refuse one. */
#include "arguments.h"

#include <stdio.h>

static void null_library_and_types(void) {
  REFUSES(spdl_library_get_info(NULL, err));
  REFUSES(spdl_library_get_names(SPDL_NAMES_FILTERS, NULL, 0, NULL, err));
  REFUSES(spdl_cancel_create(NULL, err));
}

static void null_source(void) {
  spdl_memory *memory = UNSET;
  spdl_source *made = UNSET;
  char byte = 0;
  REFUSES(spdl_memory_borrow(&byte, 1, 0, 1, NULL, err));
  REFUSES(spdl_memory_borrow(NULL, 1, 0, 1, &memory, err));
  REFUSES(spdl_memory_borrow(&byte, 1, 1u << 31, 1, &memory, err));
  REFUSES(spdl_source_from_path(NULL, NULL, &made, err));
  REFUSES(spdl_source_from_path("a", NULL, NULL, err));
  REFUSES(spdl_source_from_url(NULL, NULL, &made, err));
  REFUSES(spdl_source_from_url("file:a", NULL, NULL, err));
  REFUSES(spdl_source_from_memory(NULL, NULL, &made, err));
  REFUSES(spdl_source_from_feed(1, NULL, NULL, err));
  REFUSES(spdl_source_from_feed(-2, NULL, &made, err));
  const spdl_array array = {.struct_size = sizeof(array), .typestr = "|u1"};
  REFUSES(spdl_memory_borrow_array(&byte, 1, &array, 1, NULL, err));
  REFUSES(spdl_memory_borrow_array(&byte, 1, NULL, 1, &memory, err));
  REFUSES(spdl_memory_borrow_array(NULL, 1, &array, 1, &memory, err));
  REFUSES(spdl_memory_allocate(0, 0, &memory, err));
  REFUSES(spdl_memory_allocate(1, 1u << 31, &memory, err));
  REFUSES(spdl_memory_allocate(1, 0, NULL, err));
  CHECK(memory == UNSET && made == UNSET);
  CHECK_OK(spdl_memory_borrow(&byte, 1, 0, 1, &memory, ERR));
  REFUSES(spdl_source_from_memory(memory, NULL, NULL, err));
  spdl_memory_free(memory);
  check_tag_released(1);
  CHECK_EQ(spdl_released_drain(NULL, 0), 0);
}

static void null_source_users(void) {
  make_items();
  spdl_source_info info = {.struct_size = sizeof(info)};
  spdl_feed_request request = {.struct_size = sizeof(request)};
  REFUSES(spdl_source_get_info(NULL, &info, err));
  REFUSES(spdl_source_get_info(source, NULL, err));
  REFUSES(spdl_source_feed_wait(NULL, 0, &request, err));
  REFUSES(spdl_source_feed_wait(source, 0, &request, err));
  REFUSES(spdl_source_feed_put(NULL, "", 0, 0, err));
  REFUSES(spdl_source_feed_put(source, "", 0, 0, err));
  spdl_source *fed = NULL;
  CHECK_OK(spdl_source_from_feed(1, NULL, &fed, ERR));
  REFUSES(spdl_source_feed_wait(fed, 0, NULL, err));
  REFUSES(spdl_source_feed_put(fed, NULL, 1, 0, err));
  REFUSES(spdl_source_feed_put(fed, "", 0, -5, err));
  spdl_source_free(fed);
  free_items();
}

static void null_demux(void) {
  make_items();
  spdl_demuxer *opened = UNSET;
  spdl_packets *read = UNSET;
  spdl_codec *found = UNSET;
  spdl_demuxer_info info = {.struct_size = sizeof(info)};
  REFUSES(spdl_demuxer_open(NULL, NULL, NULL, &opened, err));
  REFUSES(spdl_demuxer_open(source, NULL, NULL, NULL, err));
  REFUSES(spdl_demuxer_open_submit(NULL, 1, source, NULL, NULL, err));
  REFUSES(spdl_demuxer_open_submit(queue, 1, NULL, NULL, NULL, err));
  REFUSES(spdl_demuxer_get_info(NULL, &info, err));
  REFUSES(spdl_demuxer_get_info(demuxer, NULL, err));
  REFUSES(spdl_demuxer_get_codec(NULL, SPDL_MEDIA_VIDEO, &found, err));
  REFUSES(spdl_demuxer_get_codec(demuxer, SPDL_MEDIA_VIDEO, NULL, err));
  REFUSES(spdl_demuxer_demux(NULL, SPDL_MEDIA_VIDEO, NULL, NULL, &read, err));
  REFUSES(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, NULL, err));
  REFUSES(spdl_demuxer_demux_submit(NULL, 1, demuxer, SPDL_MEDIA_VIDEO, NULL, NULL, err));
  REFUSES(spdl_demuxer_demux_submit(queue, 1, NULL, SPDL_MEDIA_VIDEO, NULL, NULL, err));
  REFUSES(spdl_source_demux(NULL, SPDL_MEDIA_VIDEO, NULL, NULL, NULL, &read, err));
  REFUSES(spdl_source_demux(source, SPDL_MEDIA_VIDEO, NULL, NULL, NULL, NULL, err));
  REFUSES(spdl_source_demux_submit(NULL, 1, source, SPDL_MEDIA_VIDEO, NULL, NULL, NULL, err));
  REFUSES(spdl_source_demux_submit(queue, 1, NULL, SPDL_MEDIA_VIDEO, NULL, NULL, NULL, err));
  CHECK(opened == UNSET && read == UNSET && found == UNSET);
  free_items();
}

static void unknown_media(void) {
  make_items();
  static const int32_t wrong[] = {SPDL_MEDIA_NONE, 4, -1, INT32_MAX, INT32_MIN};
  spdl_codec *found = UNSET;
  spdl_packets *read = UNSET;
  spdl_buffer *loaded = UNSET;
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    REFUSES(spdl_demuxer_get_codec(demuxer, wrong[i], &found, err));
    REFUSES(spdl_demuxer_demux(demuxer, wrong[i], NULL, NULL, &read, err));
    REFUSES(spdl_demuxer_demux_submit(queue, 1, demuxer, wrong[i], NULL, NULL, err));
    REFUSES(spdl_source_demux(source, wrong[i], NULL, NULL, NULL, &read, err));
    REFUSES(spdl_source_demux_submit(queue, 1, source, wrong[i], NULL, NULL, NULL, err));
    REFUSES(spdl_source_load(source, wrong[i], NULL, NULL, &loaded, err));
    REFUSES(spdl_source_load_submit(queue, 1, source, wrong[i], NULL, NULL, err));
  }
  CHECK(found == UNSET && read == UNSET && loaded == UNSET);
  free_items();
}

static void wrong_windows(void) {
  make_items();
  spdl_packets *read = UNSET;
  spdl_window window = {.struct_size = sizeof(window), .flags = SPDL_WINDOW_START, .start = {0, 1}};
  REFUSES(spdl_source_demux(source, SPDL_MEDIA_IMAGE, &window, NULL, NULL, &read, err));
  REFUSES(spdl_demuxer_demux(demuxer, SPDL_MEDIA_IMAGE, &window, NULL, &read, err));
  window.start.den = 0;
  REFUSES(spdl_source_demux(source, SPDL_MEDIA_VIDEO, &window, NULL, NULL, &read, err));
  window.start.den = -1;
  REFUSES(spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, &window, NULL, &read, err));
  window = (spdl_window){.struct_size = sizeof(window), .flags = SPDL_WINDOW_END, .end = {1, 0}};
  REFUSES(spdl_source_demux_submit(queue, 1, source, SPDL_MEDIA_VIDEO, &window, NULL, NULL, err));
  window = (spdl_window){.struct_size = sizeof(window), .flags = 4};
  REFUSES(spdl_source_demux(source, SPDL_MEDIA_VIDEO, &window, NULL, NULL, &read, err));
  const spdl_load_options load = {.struct_size = sizeof(load), .window = &window};
  spdl_buffer *loaded = UNSET;
  REFUSES(spdl_source_load(source, SPDL_MEDIA_VIDEO, &load, NULL, &loaded, err));
  CHECK(read == UNSET && loaded == UNSET);
  free_items();
}

static void null_packets_and_codec(void) {
  make_items();
  spdl_packets_info info = {.struct_size = sizeof(info)};
  spdl_codec_info codec_info = {.struct_size = sizeof(codec_info)};
  spdl_codec *found = UNSET;
  double seconds[2];
  size_t count = 7;
  REFUSES(spdl_packets_get_info(NULL, &info, err));
  REFUSES(spdl_packets_get_info(packets, NULL, err));
  REFUSES(spdl_packets_get_timestamps(NULL, 0, seconds, 2, &count, err));
  REFUSES(spdl_packets_get_timestamps(packets, 0, NULL, 2, &count, err));
  REFUSES(spdl_packets_get_timestamps(packets, 0, seconds, 2, NULL, err));
  REFUSES(spdl_packets_get_timestamps(packets, 2, seconds, 2, &count, err));
  REFUSES(spdl_packets_get_codec(NULL, &found, err));
  REFUSES(spdl_packets_get_codec(packets, NULL, err));
  REFUSES(spdl_codec_get_info(NULL, &codec_info, err));
  REFUSES(spdl_codec_get_info(codec, NULL, err));
  CHECK(count == 7 && found == UNSET);
  free_items();
}

static void null_serialize(void) {
  make_items();
  spdl_buffer *bytes = UNSET;
  spdl_packets *made = UNSET;
  spdl_memory *memory = NULL;
  char byte = 0;
  CHECK_OK(spdl_memory_borrow(&byte, 1, 0, 1, &memory, ERR));
  REFUSES(spdl_packets_serialize(NULL, &bytes, err));
  REFUSES(spdl_packets_serialize(packets, NULL, err));
  REFUSES(spdl_packets_deserialize(NULL, 0, 0, &made, err));
  REFUSES(spdl_packets_deserialize(memory, 0, 0, NULL, err));
  REFUSES(spdl_packets_deserialize(memory, 4, 0, &made, err));
  REFUSES(spdl_packets_deserialize(memory, 0, 2, &made, err));
  CHECK(bytes == UNSET && made == UNSET);
  spdl_memory_free(memory);
  check_tag_released(1);
  free_items();
}

static void wrong_decode_options(void) {
  make_items();
  spdl_frames *decoded = UNSET;
  const spdl_option no_name = {NULL, "1"}, no_value = {"threads", NULL};
  const spdl_decode_options wrong[] = {
      {.struct_size = sizeof(spdl_decode_options), .flags = 1u << 30},
      {.struct_size = sizeof(spdl_decode_options), .filter = 3},
      {.struct_size = sizeof(spdl_decode_options), .filter = SPDL_FILTER_CUSTOM},
      {.struct_size = sizeof(spdl_decode_options), .num_frames = -1},
      {.struct_size = sizeof(spdl_decode_options), .num_decoder_options = 1},
      {.struct_size = sizeof(spdl_decode_options),
       .decoder_options = &no_name,
       .num_decoder_options = 1},
      {.struct_size = sizeof(spdl_decode_options),
       .decoder_options = &no_value,
       .num_decoder_options = 1},
  };
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    printf("  decode options %zu\n", i);
    REFUSES(spdl_packets_decode(packets, &wrong[i], NULL, &decoded, err));
    REFUSES(spdl_packets_decode_submit(queue, 1, packets, &wrong[i], NULL, err));
  }
  REFUSES(spdl_packets_decode(NULL, NULL, NULL, &decoded, err));
  REFUSES(spdl_packets_decode(packets, NULL, NULL, NULL, err));
  REFUSES(spdl_packets_decode_submit(NULL, 1, packets, NULL, NULL, err));
  REFUSES(spdl_packets_decode_submit(queue, 1, NULL, NULL, NULL, err));
  CHECK(decoded == UNSET);
  free_items();
}

static void wrong_demux_options(void) {
  make_items();
  spdl_demuxer *opened = UNSET;
  const spdl_option no_name = {NULL, "1"};
  const spdl_demux_options wrong[] = {
      {.struct_size = sizeof(spdl_demux_options), .flags = 1u << 30},
      {.struct_size = sizeof(spdl_demux_options), .num_format_options = 1},
      {.struct_size = sizeof(spdl_demux_options),
       .format_options = &no_name,
       .num_format_options = 1},
  };
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    printf("  demux options %zu\n", i);
    REFUSES(spdl_demuxer_open(source, &wrong[i], NULL, &opened, err));
    REFUSES(spdl_demuxer_open_submit(queue, 1, source, &wrong[i], NULL, err));
  }
  CHECK(opened == UNSET);
  free_items();
}

CHECK_MAIN(CHECK_TEST(null_library_and_types), CHECK_TEST(null_source),
           CHECK_TEST(null_source_users), CHECK_TEST(null_demux), CHECK_TEST(unknown_media),
           CHECK_TEST(wrong_windows), CHECK_TEST(null_packets_and_codec),
           CHECK_TEST(null_serialize), CHECK_TEST(wrong_decode_options),
           CHECK_TEST(wrong_demux_options))
