/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/library.h: versions, live handles, log level. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "media.h"

static void abi_version(void) { CHECK_EQ(spdl_abi_version(), SPDL_ABI_VERSION); }

static void info(void) {
  spdl_library_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_library_get_info(&info, ERR));
  CHECK_EQ(info.abi_version, SPDL_ABI_VERSION);
  unsigned major, minor, micro;
  CHECK_EQ(sscanf(info.version, "%u.%u.%u", &major, &minor, &micro), 3);
  CHECK(info.ffmpeg_version[0] != 0);
  CHECK(strstr(info.ffmpeg_license, "GPL") != NULL);
  const uint32_t versions[] = {info.avutil_version,   info.avcodec_version,
                               info.avformat_version, info.avfilter_version,
                               info.swscale_version,  info.swresample_version};
  const uint32_t oldest[] = {57, 59, 59, 8, 6, 4}; /* FFmpeg 5.1 */
  const uint32_t all = SPDL_FEATURE_CUDA | SPDL_FEATURE_NVCODEC | SPDL_FEATURE_NVJPEG;
  CHECK_EQ(info.features & ~all, 0);
  CHECK(info.features == 0 || (info.features & SPDL_FEATURE_CUDA)); /* The others need it. */
  for (int i = 0; i < 6; ++i) CHECK(versions[i] >> 16 >= oldest[i] && versions[i] >> 16 < 200);
}

static void info_strings_stay(void) {
  spdl_library_info first = {.struct_size = sizeof(first)};
  spdl_library_info second = {.struct_size = sizeof(second)};
  CHECK_OK(spdl_library_get_info(&first, ERR));
  CHECK_OK(spdl_library_get_info(&second, ERR));
  CHECK(first.version == second.version);
  CHECK(first.ffmpeg_version == second.ffmpeg_version);
  CHECK(first.ffmpeg_license == second.ffmpeg_license);
}

static void count_handles(void) {
  for (uint32_t kind = 0; kind < SPDL_KIND_COUNT; ++kind)
    CHECK_EQ(spdl_library_count_handles(kind), 0);
  spdl_cancel *cancels[3];
  spdl_source *source = NULL;
  for (int i = 0; i < 3; ++i) CHECK_OK(spdl_cancel_create(&cancels[i], ERR));
  CHECK_OK(spdl_source_from_path("nowhere", NULL, &source, ERR));
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_CANCEL), 3);
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_SOURCE), 1);
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_BUFFER), 0);
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_NONE), 4);
  for (int i = 0; i < 3; ++i) spdl_cancel_free(cancels[i]);
  spdl_source_free(source);
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_NONE), 0);
}

static void count_of_unknown_kinds(void) {
  CHECK_EQ(spdl_library_count_handles(SPDL_KIND_COUNT), -1);
  CHECK_EQ(spdl_library_count_handles(1000), -1);
  CHECK_EQ(spdl_library_count_handles(UINT32_MAX), -1);
}

static int has_name(int32_t list, const char *name, const char *value) {
  size_t count = 0, again = 0;
  CHECK_OK(spdl_library_get_names(list, NULL, 0, &count, ERR));
  spdl_entry *entries = calloc(count, sizeof(*entries));
  CHECK_OK(spdl_library_get_names(list, entries, count, &again, ERR));
  CHECK_EQ(count, again);
  int found = 0;
  for (size_t i = 0; i < count; ++i)
    if (strcmp(entries[i].name, name) == 0) found = !value || strcmp(entries[i].value, value) == 0;
  free(entries);
  return found;
}

static void names(void) {
  CHECK(has_name(SPDL_NAMES_FILTERS, "scale", NULL));
  CHECK(!has_name(SPDL_NAMES_FILTERS, "no such filter", NULL));
  CHECK(has_name(SPDL_NAMES_PIXEL_FORMATS, "rgb24", "|u1"));
  CHECK(has_name(SPDL_NAMES_PIXEL_FORMATS, "gray16be", "<u2"));
  CHECK(!has_name(SPDL_NAMES_PIXEL_FORMATS, "pal8", NULL));
  CHECK(has_name(SPDL_NAMES_SAMPLE_FORMATS, "fltp", "<f4"));
  size_t count = 0;
  spdl_entry one[2] = {{NULL, NULL}, {NULL, NULL}};
  CHECK_OK(spdl_library_get_names(SPDL_NAMES_FILTERS, one, 1, &count, ERR));
  CHECK(count > 1 && one[0].name && !one[1].name);
  CHECK_STATUS(SPDL_E_INVALID, spdl_library_get_names(0, NULL, 0, &count, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_library_get_names(4, NULL, 0, &count, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_library_get_names(1, NULL, 1, &count, ERR));
  CHECK_STATUS(SPDL_E_INVALID, spdl_library_get_names(1, NULL, 0, NULL, ERR));
}

static void log_level(void) {
  CHECK_EQ(spdl_library_get_log_level(), 0);
  spdl_library_set_log_level(32);
  CHECK_EQ(spdl_library_get_log_level(), 32);
  spdl_library_set_log_level(0);
  CHECK_EQ(spdl_library_get_log_level(), 0);
}

/* Loads a damaged picture and a wrong path with stdout and stderr going to a file. */
static void prints_nothing(void) {
  char name[] = "/tmp/spdl-test-XXXXXX";
  const int file = mkstemp(name);
  CHECK(file >= 0 && unlink(name) == 0);
  media_bytes picture = media_read(PICTURE_JPG);
  memset(picture.data + picture.size / 2, 0xa5, picture.size / 4);
  spdl_source *damaged = media_open_bytes(&picture, 1);
  spdl_source *missing = NULL;
  CHECK_OK(spdl_source_from_path("/nowhere/at/all.jpg", NULL, &missing, ERR));

  fflush(NULL);
  const int old_stdout = dup(STDOUT_FILENO), old_stderr = dup(STDERR_FILENO);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  spdl_buffer *buffer = NULL;
  const spdl_status of_damaged =
      spdl_source_load(damaged, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, NULL);
  const spdl_status of_missing =
      spdl_source_load(missing, SPDL_MEDIA_IMAGE, NULL, NULL, &buffer, NULL);
  dup2(old_stdout, STDOUT_FILENO);
  dup2(old_stderr, STDERR_FILENO);
  close(old_stdout);
  close(old_stderr);
  const off_t printed = lseek(file, 0, SEEK_CUR);
  close(file);

  CHECK(of_damaged == SPDL_OK || of_damaged == SPDL_E_CORRUPT);
  CHECK_EQ(of_missing, SPDL_E_NOT_FOUND);
  CHECK_EQ(printed, 0);
  spdl_buffer_free(buffer);
  spdl_source_free(damaged);
  spdl_source_free(missing);
  check_tag_released(1);
  media_free(&picture);
}

CHECK_MAIN(CHECK_TEST(abi_version), CHECK_TEST(info), CHECK_TEST(info_strings_stay),
           CHECK_TEST(count_handles), CHECK_TEST(count_of_unknown_kinds), CHECK_TEST(names),
           CHECK_TEST(log_level), CHECK_TEST(prints_nothing))
