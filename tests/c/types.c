/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/types.h: errors, limits, cancel flags. */
#include "spdl/types.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "media.h"

/* ---- errors ---- */

static void error_fields(void) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = (spdl_buffer *)&source;
  CHECK_OK(spdl_source_from_path("/nowhere/a.jpg", NULL, &source, ERR));
  CHECK_ERROR(SPDL_E_NOT_FOUND, "Failed to open the input: /nowhere/a.jpg (",
              spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  CHECK(buffer == (spdl_buffer *)&source);
  CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_SOURCE);
  CHECK_EQ(check_last_error()->native_code, -ENOENT);
  CHECK_EQ(check_last_error()->item, -1);
  CHECK_EQ(check_last_error()->byte_offset, -1);
  CHECK(isnan(check_last_error()->pts));
  spdl_source_free(source);
}

static void error_may_be_null(void) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_STATUS(SPDL_E_INVALID, spdl_source_from_path(NULL, NULL, &source, NULL));
  CHECK_OK(spdl_source_from_path("/nowhere/a.jpg", NULL, &source, NULL));
  CHECK_STATUS(SPDL_E_NOT_FOUND,
               spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, NULL));
  spdl_source_free(source);
}

/* A smaller error takes what fits, its message cut and ended; a larger one must hold zeros. */
static void error_sizes(void) {
  const size_t start = offsetof(spdl_error, message);
  spdl_source *source = NULL;
  spdl_error full = {.struct_size = sizeof(full)};
  CHECK_EQ(spdl_source_from_path(NULL, NULL, &source, &full), SPDL_E_INVALID);
  for (uint32_t size = sizeof(uint32_t); size <= sizeof(full) + 32; size += 4) {
    unsigned char *block = calloc(1, size);
    memcpy(block, &size, sizeof(size));
    CHECK_EQ(spdl_source_from_path(NULL, NULL, &source, (spdl_error *)block), SPDL_E_INVALID);
    const size_t fixed = size < start ? size : start;
    CHECK_BYTES(block + sizeof(size), (char *)&full + sizeof(size), fixed - sizeof(size));
    if (size > start) {
      const char *message = (const char *)block + start;
      const size_t room = size - start;
      CHECK(memchr(message, 0, room) != NULL);
      if (strlen(full.message) < room) CHECK_STRING(message, full.message);
    }
    free(block);
  }
}

/* An error that cannot be written makes any call invalid, before it has done anything. */
static void error_of_wrong_size(void) {
  enum { LARGER = sizeof(spdl_error) + 24 };
  static const uint32_t sizes[] = {0, 3, LARGER};
  for (int i = 0; i < 3; ++i) {
    spdl_cancel *cancel = NULL;
    unsigned char *block = malloc(LARGER);
    memset(block, 0xee, LARGER);
    memcpy(block, &sizes[i], sizeof(sizes[i]));
    CHECK_EQ(spdl_cancel_create(&cancel, (spdl_error *)block), SPDL_E_INVALID);
    CHECK(cancel == NULL);
    for (size_t k = sizeof(uint32_t); k < LARGER; ++k) CHECK_EQ(block[k], 0xee);
    free(block);
  }
}

/* The first byte that is not part of well-formed UTF-8, or NULL. */
static const char *find_bad_utf8(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  while (*at) {
    const int length = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    if (length == 0 || *at > 0xf4) return (const char *)at;
    for (int i = 1; i < length; ++i)
      if ((at[i] & 0xc0) != 0x80) return (const char *)at;
    at += length;
  }
  return NULL;
}

/* A failure to open names the path, all others the name that was given. */
static void fail_to_open(const char *path) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_from_path(path, "mine", &source, ERR));
  CHECK_ERROR(SPDL_E_NOT_FOUND, "Failed to open the input: ",
              spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  spdl_source_free(source);
}

static void fail_to_find_a_stream(const char *name) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_from_path(media_path(PICTURE_PNG), name, &source, ERR));
  CHECK_ERROR(SPDL_E_NO_STREAM, "No audio stream was found in ",
              spdl_source_load(source, SPDL_MEDIA_AUDIO, NULL, NULL, &buffer, ERR));
  spdl_source_free(source);
}

/* The head and the tail of the source stay, and so does the reason. */
static void long_source_is_shortened_in_its_middle(void) {
  char name[4001];
  for (size_t length = 900; length < sizeof(name); length += 41) {
    memset(name, 'x', length);
    for (size_t i = 200; i < length; i += 200) name[i] = '/';
    name[length] = 0;
    memcpy(name, "/head/of/it/", 12);
    memcpy(name + length - 9, "/tail.jpg", 9);
    fail_to_open(name);
    const char *message = check_last_error()->message;
    CHECK(strstr(message, "Failed to open the input: /head/of/it/xxx") == message);
    CHECK(strstr(message, "/tail.jpg (No such file or directory)") != NULL);
    if (length > 1000) CHECK(strlen(message) > 900);
    fail_to_find_a_stream(name);
    CHECK(strstr(message, "No audio stream was found in /head/of/it/xxx") == message);
    CHECK(strstr(message, "/tail.jpg.") != NULL);
    CHECK(find_bad_utf8(message) == NULL);
  }
}

/* Two- and three-byte characters at every phase: none is cut in half. */
static void shortening_keeps_utf8_whole(void) {
  char name[4096];
  for (int phase = 0; phase < 6; ++phase) {
    size_t length = (size_t)phase;
    memset(name, 'p', length);
    while (length < sizeof(name) - 16) {
      memcpy(name + length, "\xc3\xa9\xe2\x82\xac", 5);
      length += 5;
    }
    memcpy(name + length, "t.jpg", 6);
    fail_to_find_a_stream(name);
    CHECK(find_bad_utf8(check_last_error()->message) == NULL);
    CHECK(strstr(check_last_error()->message, "t.jpg.") != NULL);
  }
}

/* A path is bytes, a message is UTF-8. */
static void messages_are_utf8_whatever_the_path(void) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_from_path("/nowhere/\xff\xfe\xc3.jpg", NULL, &source, ERR));
  CHECK_ERROR(SPDL_E_NOT_FOUND, "/nowhere/",
              spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  CHECK(strstr(check_last_error()->message, ".jpg (") != NULL);
  CHECK(find_bad_utf8(check_last_error()->message) == NULL);
  spdl_source_free(source);
}

/* ---- cancel flags ---- */

static void cancel_null(void) {
  spdl_cancel_trigger(NULL);
  spdl_cancel_free(NULL);
}

static spdl_limits cancelled_limits(spdl_cancel **out_cancel) {
  CHECK_OK(spdl_cancel_create(out_cancel, ERR));
  spdl_cancel_trigger(*out_cancel);
  spdl_cancel_trigger(*out_cancel);
  return (spdl_limits){.struct_size = sizeof(spdl_limits), .cancel = *out_cancel};
}

/* Every blocking operation under these limits ends with this status. */
static void check_all_operations(const spdl_limits *limits, spdl_status status) {
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_packets *packets = media_demux(source, SPDL_MEDIA_VIDEO);
  spdl_frames *frames = media_decode(packets, NULL);
  const spdl_source *source_item = source;
  const spdl_frames *frames_item = frames;
  spdl_demuxer *demuxer = NULL, *no_demuxer = NULL;
  spdl_packets *no_packets = NULL;
  spdl_frames *no_frames = NULL;
  spdl_buffer *no_buffer = NULL;
  spdl_batch *no_batch = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, NULL, &demuxer, ERR));
  CHECK_STATUS(status, spdl_demuxer_open(source, NULL, limits, &no_demuxer, ERR));
  CHECK_STATUS(status,
               spdl_demuxer_demux(demuxer, SPDL_MEDIA_VIDEO, NULL, limits, &no_packets, ERR));
  CHECK_STATUS(status,
               spdl_source_demux(source, SPDL_MEDIA_VIDEO, NULL, NULL, limits, &no_packets, ERR));
  CHECK_STATUS(status, spdl_packets_decode(packets, NULL, limits, &no_frames, ERR));
  CHECK_STATUS(status, spdl_frames_convert(&frames_item, 1, NULL, limits, &no_buffer, ERR));
  CHECK_STATUS(status, spdl_source_load(source, SPDL_MEDIA_VIDEO, NULL, limits, &no_buffer, ERR));
  CHECK_STATUS(status, spdl_batch_load(&source_item, 1, NULL, limits, &no_batch, ERR));
  CHECK(!no_demuxer && !no_packets && !no_frames && !no_buffer && !no_batch);
  spdl_demuxer_free(demuxer);
  spdl_frames_free(frames);
  spdl_packets_free(packets);
  spdl_source_free(source);
}

static void cancelled_before_the_call(void) {
  spdl_cancel *cancel = NULL;
  const spdl_limits limits = cancelled_limits(&cancel);
  check_all_operations(&limits, SPDL_E_CANCELLED);
  spdl_cancel_free(cancel);
}

static void deadline_before_the_call(void) {
  const spdl_limits limits = {.struct_size = sizeof(limits), .timeout_ns = 1};
  check_all_operations(&limits, SPDL_E_DEADLINE);
}

/* A freed flag no longer cancels; nothing points to freed memory either. */
static void cancel_freed_during_use(void) {
  spdl_cancel *cancel = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  const spdl_limits limits = {.struct_size = sizeof(limits), .cancel = cancel};
  spdl_source *source = media_open(PICTURE_JPG);
  spdl_demuxer *demuxer = NULL;
  CHECK_OK(spdl_demuxer_open(source, NULL, &limits, &demuxer, ERR));
  spdl_cancel_free(cancel);
  spdl_packets *packets = NULL;
  CHECK_OK(spdl_demuxer_demux(demuxer, SPDL_MEDIA_IMAGE, NULL, NULL, &packets, ERR));
  spdl_packets_free(packets);
  spdl_demuxer_free(demuxer);
  spdl_source_free(source);
}

static void *trigger_after_20_ms(void *cancel) {
  check_sleep_ms(20);
  spdl_cancel_trigger(cancel);
  return NULL;
}

static void cancel_from_another_thread(void) {
  spdl_cancel *cancel = NULL;
  CHECK_OK(spdl_cancel_create(&cancel, ERR));
  const spdl_limits limits = {.struct_size = sizeof(limits), .cancel = cancel};
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  pthread_t thread;
  CHECK_OK(spdl_source_from_feed(1000, NULL, &source, ERR)); /* Nobody feeds it. */
  CHECK_EQ(pthread_create(&thread, NULL, trigger_after_20_ms, cancel), 0);
  const int64_t start = check_now_ns();
  CHECK_STATUS(SPDL_E_CANCELLED,
               spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, &limits, &buffer, ERR));
  const int64_t took = check_now_ns() - start;
  CHECK(took > 15 * MILLISECONDS && took < 150 * MILLISECONDS * CHECK_SLOWDOWN);
  pthread_join(thread, NULL);
  spdl_source_free(source);
  spdl_cancel_free(cancel);
}

/* ---- limits ---- */

static spdl_status load_within(int32_t media, const spdl_limits *limits, spdl_error *err) {
  spdl_source *source = media_open(VIDEO_MP4);
  spdl_buffer *buffer = NULL;
  const spdl_status status = spdl_source_load(source, media, NULL, limits, &buffer, err);
  CHECK((status == SPDL_OK) == (buffer != NULL));
  spdl_buffer_free(buffer);
  spdl_source_free(source);
  return status;
}

static void limit_of_pixels(void) {
  spdl_limits limits = {.struct_size = sizeof(limits), .max_pixels = 160 * 120};
  CHECK_OK(load_within(SPDL_MEDIA_IMAGE, &limits, ERR));
  CHECK_OK(load_within(SPDL_MEDIA_VIDEO, &limits, ERR));
  limits.max_pixels = 160 * 120 - 1;
  CHECK_ERROR(SPDL_E_LIMIT, "160x120", load_within(SPDL_MEDIA_IMAGE, &limits, ERR));
  CHECK_ERROR(SPDL_E_LIMIT, VIDEO_MP4, load_within(SPDL_MEDIA_VIDEO, &limits, ERR));
}

static void limit_of_frames(void) {
  spdl_limits limits = {.struct_size = sizeof(limits), .max_frames = 50};
  CHECK_OK(load_within(SPDL_MEDIA_VIDEO, &limits, ERR));
  limits.max_frames = 49;
  CHECK_ERROR(SPDL_E_LIMIT, "max_frames=49", load_within(SPDL_MEDIA_VIDEO, &limits, ERR));
  limits.max_frames = 44100 * 3;
  CHECK_OK(load_within(SPDL_MEDIA_AUDIO, &limits, ERR));
  limits.max_frames = 44100;
  CHECK_ERROR(SPDL_E_LIMIT, "max_frames", load_within(SPDL_MEDIA_AUDIO, &limits, ERR));
}

static void limit_of_bytes(void) {
  spdl_limits limits = {.struct_size = sizeof(limits), .max_bytes = 100000000};
  CHECK_OK(load_within(SPDL_MEDIA_VIDEO, &limits, ERR));
  limits.max_bytes = 50 * 160 * 120 * 3 - 1;
  CHECK_ERROR(SPDL_E_LIMIT, "max_bytes", load_within(SPDL_MEDIA_VIDEO, &limits, ERR));
  limits.max_bytes = 100;
  CHECK_ERROR(SPDL_E_LIMIT, VIDEO_MP4, load_within(SPDL_MEDIA_VIDEO, &limits, ERR));
}

/* A 65535 x 65535 picture is refused by default, before anything is allocated for it. */
static void default_limit_of_pixels(void) {
  media_bytes bomb = media_read(PICTURE_PNG);
  static const unsigned char size[8] = {0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff};
  memcpy(bomb.data + 16, size, sizeof(size)); /* In IHDR. */
  spdl_source *source = media_open_bytes(&bomb, 3);
  spdl_buffer *buffer = NULL;
  CHECK_ERROR(SPDL_E_LIMIT, "65535x65535",
              spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  spdl_source_free(source);
  check_tag_released(3);
  media_free(&bomb);
}

static void negative_limits(void) {
  const spdl_limits wrong[] = {{.struct_size = sizeof(spdl_limits), .timeout_ns = -1},
                               {.struct_size = sizeof(spdl_limits), .max_pixels = -1},
                               {.struct_size = sizeof(spdl_limits), .max_bytes = -1},
                               {.struct_size = sizeof(spdl_limits), .max_frames = -1}};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i)
    CHECK_STATUS(SPDL_E_INVALID, load_within(SPDL_MEDIA_IMAGE, &wrong[i], ERR));
}

CHECK_MAIN(CHECK_TEST(error_fields), CHECK_TEST(error_may_be_null), CHECK_TEST(error_sizes),
           CHECK_TEST(error_of_wrong_size), CHECK_TEST(long_source_is_shortened_in_its_middle),
           CHECK_TEST(shortening_keeps_utf8_whole), CHECK_TEST(messages_are_utf8_whatever_the_path),
           CHECK_TEST(cancel_null), CHECK_TEST(cancelled_before_the_call),
           CHECK_TEST(deadline_before_the_call), CHECK_TEST(cancel_freed_during_use),
           CHECK_TEST(cancel_from_another_thread), CHECK_TEST(limit_of_pixels),
           CHECK_TEST(limit_of_frames), CHECK_TEST(limit_of_bytes),
           CHECK_TEST(default_limit_of_pixels), CHECK_TEST(negative_limits))
