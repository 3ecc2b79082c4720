/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/source.h: paths, URLs and memory. Fed sources are in feed.c, borrowed memory in memory.c. */
#include "spdl/source.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "media.h"

static const char *name_of(const spdl_source *source) {
  spdl_source_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_source_get_info(source, &info, ERR));
  CHECK_EQ(info.flags, 0);
  return info.name;
}

static void names(void) {
  spdl_source *source = NULL;
  CHECK_OK(spdl_source_from_path("some/file.jpg", NULL, &source, ERR));
  CHECK_STRING(name_of(source), "some/file.jpg");
  spdl_source_free(source);
  CHECK_OK(spdl_source_from_path("some/file.jpg", "mine", &source, ERR));
  CHECK_STRING(name_of(source), "mine");
  spdl_source_free(source);
  CHECK_OK(spdl_source_from_url("https://example.org/a.mp4", NULL, &source, ERR));
  CHECK_STRING(name_of(source), "https://example.org/a.mp4");
  spdl_source_free(source);
  CHECK_OK(spdl_source_from_feed(-1, NULL, &source, ERR));
  CHECK_STRING(name_of(source), "<Fed source>");
  spdl_source_free(source);
}

static void names_of_memory(void) {
  char bytes[4], expected[64];
  spdl_memory *memory = NULL;
  spdl_source *unnamed = NULL, *named = NULL;
  CHECK_OK(spdl_memory_borrow(bytes, sizeof(bytes), 0, 1, &memory, ERR));
  CHECK_OK(spdl_source_from_memory(memory, NULL, &unnamed, ERR));
  CHECK_OK(spdl_source_from_memory(memory, "mine", &named, ERR));
  spdl_memory_free(memory);
  snprintf(expected, sizeof(expected), "<Bytes: 0x%" PRIxPTR ">", (uintptr_t)bytes);
  CHECK_STRING(name_of(unnamed), expected);
  CHECK_STRING(name_of(named), "mine");
  spdl_source_free(unnamed);
  spdl_source_free(named);
  check_tag_released(1);
}

/* The strings given to a call need to live only until it returns. */
static void strings_are_copied(void) {
  char path[] = "a.jpg", name[] = "mine";
  spdl_source *source = NULL;
  CHECK_OK(spdl_source_from_path(path, name, &source, ERR));
  memset(path, 'x', 5);
  memset(name, 'x', 4);
  CHECK_STRING(name_of(source), "mine");
  spdl_source_free(source);
}

static void check_same_as_file(spdl_source *source, const char *file, int32_t media) {
  spdl_source *reference_source = media_open(file);
  spdl_buffer *reference = media_load(reference_source, media);
  spdl_buffer *buffer = media_load(source, media);
  media_check_equal(buffer, reference);
  spdl_buffer_free(buffer);
  spdl_buffer_free(reference);
  spdl_source_free(reference_source);
}

static void url_of_a_file(void) {
  char url[600];
  spdl_source *source = NULL;
  snprintf(url, sizeof(url), "file://%s", media_path(PICTURE_JPG));
  CHECK_OK(spdl_source_from_url(url, NULL, &source, ERR));
  check_same_as_file(source, PICTURE_JPG, SPDL_MEDIA_IMAGE);
  spdl_source_free(source);
}

static void memory_equals_path(void) {
  media_bytes video = media_read(VIDEO_MP4);
  spdl_source *source = media_open_bytes(&video, 2);
  check_same_as_file(source, VIDEO_MP4, SPDL_MEDIA_VIDEO);
  check_same_as_file(source, VIDEO_MP4, SPDL_MEDIA_AUDIO);
  check_same_as_file(source, VIDEO_MP4, SPDL_MEDIA_IMAGE);
  spdl_source_free(source);
  check_tag_released(2);
  media_free(&video);
}

/* A folder of its own for files with strange names. */
static char folder[] = "/tmp/spdl-test-XXXXXX";

static void write_file(const char *path, const media_bytes *bytes) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  CHECK_EQ(fwrite(bytes->data, 1, bytes->size, file), bytes->size);
  fclose(file);
}

/* A path is a path: none of FFmpeg's patterns, protocols and lists is seen in it. */
static void paths_are_taken_as_they_are(void) {
  static const char *const file_names[] = {
      "a%d.jpg", "a%03d.jpg", "foo:bar.jpg", "concat:x|y.jpg", "[ab]*?.jpg",   "file:c.jpg",
      "pipe:0",  "-",         "data:,x",     "http:x.jpg",     "sp ace\t.jpg", "\xc3\xa9\xff.jpg"};
  strcpy(folder + strlen(folder) - 6, "XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  char old_folder[512];
  CHECK(getcwd(old_folder, sizeof(old_folder)) != NULL);
  media_bytes picture = media_read(PICTURE_JPG);
  CHECK(chdir(folder) == 0);
  for (size_t i = 0; i < sizeof(file_names) / sizeof(file_names[0]); ++i) {
    write_file(file_names[i], &picture);
    spdl_source *source = NULL;
    CHECK_OK(spdl_source_from_path(file_names[i], NULL, &source, ERR));
    check_same_as_file(source, PICTURE_JPG, SPDL_MEDIA_IMAGE);
    spdl_source_free(source);
    unlink(file_names[i]);
  }
  CHECK(chdir(old_folder) == 0);
  CHECK(rmdir(folder) == 0);
  media_free(&picture);
}

static void check_load_fails(const char *path, spdl_status status, const char *text) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_from_path(path, NULL, &source, ERR));
  CHECK_ERROR(status, text, spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR));
  CHECK(buffer == NULL);
  spdl_source_free(source);
}

static void paths_that_cannot_be_read(void) {
  strcpy(folder + strlen(folder) - 6, "XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  char path[600], text[700];
  snprintf(text, sizeof(text), "Failed to open the input: %s (", folder);
  check_load_fails(folder, SPDL_E_IO, text); /* A directory. */
  snprintf(path, sizeof(path), "%s/missing.jpg", folder);
  snprintf(text, sizeof(text), "Failed to open the input: %s (", path);
  check_load_fails(path, SPDL_E_NOT_FOUND, text);
  snprintf(path, sizeof(path), "%s/empty.jpg", folder);
  write_file(path, &(media_bytes){(unsigned char *)"", 0});
  check_load_fails(path, SPDL_E_CORRUPT, path);
  write_file(path, &(media_bytes){(unsigned char *)"This is no picture.", 19});
  check_load_fails(path, SPDL_E_CORRUPT, path);
  if (geteuid() != 0) { /* root may read it. */
    CHECK(chmod(path, 0) == 0);
    check_load_fails(path, SPDL_E_IO, "Permission denied");
  }
  check_load_fails("", SPDL_E_NOT_FOUND, "Failed to open the input: ");
  unlink(path);
  CHECK(rmdir(folder) == 0);
}

static void url_of_no_protocol(void) {
  spdl_source *source = NULL;
  spdl_buffer *buffer = NULL;
  CHECK_OK(spdl_source_from_url("nosuch://x", NULL, &source, ERR));
  const spdl_status status = spdl_source_load(source, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, ERR);
  CHECK(status < 0 && buffer == NULL);
  CHECK(strstr(check_last_error()->message, "Failed to open the input: nosuch://x (") != NULL);
  CHECK_EQ(check_last_error()->origin, SPDL_ORIGIN_SOURCE);
  spdl_source_free(source);
}

typedef struct fifo_writer {
  char path[600];
  media_bytes bytes;
} fifo_writer;

static void *write_fifo(void *writer) {
  const fifo_writer *it = writer;
  write_file(it->path, &it->bytes);
  return NULL;
}

static void fifo(void) {
  strcpy(folder + strlen(folder) - 6, "XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  fifo_writer writer = {.bytes = media_read(PICTURE_JPG)};
  snprintf(writer.path, sizeof(writer.path), "%s/fifo", folder);
  CHECK(mkfifo(writer.path, 0600) == 0);
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, write_fifo, &writer), 0);
  spdl_source *source = NULL;
  CHECK_OK(spdl_source_from_path(writer.path, NULL, &source, ERR));
  check_same_as_file(source, PICTURE_JPG, SPDL_MEDIA_IMAGE);
  spdl_source_free(source);
  pthread_join(thread, NULL);
  unlink(writer.path);
  CHECK(rmdir(folder) == 0);
  media_free(&writer.bytes);
}

static void *load_thrice(void *source) {
  for (int i = 0; i < 3; ++i) {
    spdl_buffer *buffer = NULL;
    if (spdl_source_load(source, SPDL_MEDIA_VIDEO, NULL, NULL, &buffer, NULL) != SPDL_OK)
      return "cannot load";
    spdl_buffer_free(buffer);
  }
  return NULL;
}

static void one_source_on_eight_threads(void) {
  media_bytes video = media_read(PICTURES_NUT);
  spdl_source *sources[2] = {media_open(PICTURES_NUT), media_open_bytes(&video, 3)};
  pthread_t threads[8];
  for (int i = 0; i < 8; ++i)
    CHECK_EQ(pthread_create(&threads[i], NULL, load_thrice, sources[i % 2]), 0);
  for (int i = 0; i < 8; ++i) {
    void *problem = NULL;
    pthread_join(threads[i], &problem);
    CHECK(problem == NULL);
  }
  spdl_source_free(sources[0]);
  spdl_source_free(sources[1]);
  check_tag_released(3);
  media_free(&video);
}

CHECK_MAIN(CHECK_TEST(names), CHECK_TEST(names_of_memory), CHECK_TEST(strings_are_copied),
           CHECK_TEST(url_of_a_file), CHECK_TEST(memory_equals_path),
           CHECK_TEST(paths_are_taken_as_they_are), CHECK_TEST(paths_that_cannot_be_read),
           CHECK_TEST(url_of_no_protocol), CHECK_TEST(fifo),
           CHECK_TEST(one_source_on_eight_threads))
