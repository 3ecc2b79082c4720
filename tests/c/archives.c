/* SPDX-License-Identifier: BSD-2-Clause */
/* spdl/readers.h: archives. */
#include "spdl/readers.h"

#include <stdio.h>

#include "check.h"
#include "jobs.h"
#include "media.h"

static spdl_memory *lend(const void *data, size_t size, uint32_t flags) {
  spdl_memory *memory = NULL;
  CHECK_OK(spdl_memory_borrow(data, size, flags, 7, &memory, ERR));
  return memory;
}

static spdl_zip *open_zip(const media_bytes *file) {
  spdl_memory *memory = lend(file->data, file->size, 0);
  spdl_zip *zip = NULL;
  CHECK_OK(spdl_zip_open(memory, NULL, NULL, &zip, ERR));
  spdl_memory_free(memory);
  return zip;
}

static void zip_members(void) {
  media_bytes file = media_make_zip();
  spdl_zip *zip = open_zip(&file);
  spdl_zip_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_zip_get_info(zip, &info, ERR));
  CHECK_EQ(info.num_members, 2);
  spdl_zip_member_info member = {.struct_size = sizeof(member)};
  CHECK_OK(spdl_zip_get_member_info(zip, 0, &member, ERR));
  CHECK_STRING(member.name, "a");
  CHECK_EQ(member.name_size, 1);
  CHECK_EQ(member.size, 10);
  CHECK_EQ(member.stored_size, 10);
  CHECK_EQ(member.data_offset, MEDIA_ZIP_DATA);
  CHECK(member.method == 0 && member.flags == 0);
  spdl_buffer *first = NULL, *second = NULL;
  CHECK_OK(spdl_zip_read(zip, 0, NULL, &first, ERR));
  CHECK_OK(spdl_zip_read(zip, 1, NULL, &second, ERR));
  spdl_zip_free(zip);
  CHECK(media_buffer_info(first).data == file.data + MEDIA_ZIP_DATA);
  MEDIA_CHECK_SHAPE(first, 10);
  MEDIA_CHECK_SHAPE(second, 0);
  spdl_buffer_free(second);
  check_no_tag_released();
  spdl_buffer_free(first);
  check_tag_released(7);
  media_free(&file);
}

static void zip_jobs(void) {
  media_bytes file = media_make_zip();
  spdl_queue *queue = job_queue(NULL, 0);
  spdl_memory *memory = lend(file.data, file.size, 0);
  CHECK_OK(spdl_zip_open_submit(queue, 1, memory, NULL, NULL, ERR));
  spdl_memory_free(memory);
  const job_end opened = job_collect(queue);
  CHECK_EQ(opened.completion.kind, SPDL_KIND_ZIP);
  CHECK_OK(spdl_zip_read_submit(queue, 2, opened.completion.result, 0, NULL, ERR));
  job_check_end(&opened, 1, SPDL_OK);
  const job_end end = job_collect(queue);
  CHECK(media_buffer_info(end.completion.result).data == file.data + MEDIA_ZIP_DATA);
  job_check_end(&end, 2, SPDL_OK);
  spdl_queue_free(queue);
  check_tag_released(7);
  media_free(&file);
}

/* The checksum of a stored member is compared once: who may write to it, may do so afterwards. */
static void zip_checksums(void) {
  media_bytes file = media_make_zip();
  spdl_zip *zip = open_zip(&file);
  spdl_buffer *buffer = NULL;
  file.data[MEDIA_ZIP_DATA] ^= 1;
  CHECK_ERROR(SPDL_E_CORRUPT, "checksum", spdl_zip_read(zip, 0, NULL, &buffer, ERR));
  file.data[MEDIA_ZIP_DATA] ^= 1;
  CHECK_OK(spdl_zip_read(zip, 0, NULL, &buffer, ERR));
  spdl_buffer_free(buffer);
  file.data[MEDIA_ZIP_DATA] ^= 1;
  CHECK_OK(spdl_zip_read(zip, 0, NULL, &buffer, ERR));
  spdl_buffer_free(buffer);
  spdl_zip_free(zip);
  check_tag_released(7);
  media_free(&file);
}

static void zips_cut_short(void) {
  media_bytes file = media_make_zip();
  for (size_t size = 0; size < file.size; ++size) {
    spdl_memory *memory = lend(file.data, size, 0);
    spdl_zip *zip = NULL;
    CHECK_ERROR(SPDL_E_CORRUPT, size < 22 ? "not a valid zip file" : "central directory",
                spdl_zip_open(memory, NULL, NULL, &zip, ERR));
    spdl_memory_free(memory);
    check_tag_released(7);
  }
  media_free(&file);
}

/* The header of a regular file "d/a" (prefix and name) of three bytes, and a block with these. */
static void make_tar(unsigned char data[1024]) {
  memset(data, 0, 1024);
  data[0] = 'a';
  memcpy(data + 124, "3", 1);
  data[156] = '0';
  memcpy(data + 257, "ustar", 6);
  data[345] = 'd';
  memcpy(data + 512, "xyz", 3);
  unsigned sum = 8 * ' ';
  for (int i = 0; i < 512; ++i) sum += data[i];
  char text[8];
  CHECK_EQ(snprintf(text, sizeof(text), "%06o", sum), 6);
  memcpy(data + 148, text, 7);
}

static void tar_members(void) {
  unsigned char data[1024];
  make_tar(data);
  spdl_tar_info info = {.struct_size = sizeof(info)};
  CHECK_OK(spdl_tar_parse(data, 512, &info, ERR)); /* The bytes of the file are not needed. */
  CHECK_EQ(info.kind, SPDL_TAR_MEMBER);
  CHECK_EQ(info.is_file, 1);
  CHECK(info.name_offset == 0 && info.name_size == 1);
  CHECK(info.prefix_offset == 345 && info.prefix_size == 1);
  CHECK(info.data_offset == 512 && info.data_size == 3 && info.next_offset == 1024);
  for (size_t size = 0; size < 512; ++size) {
    CHECK_OK(spdl_tar_parse(data, size, &info, ERR));
    CHECK_EQ(info.kind, SPDL_TAR_MORE);
    CHECK_EQ(info.needed, 512);
  }
  data[0] = 'b';
  CHECK_ERROR(SPDL_E_CORRUPT, "header", spdl_tar_parse(data, 512, &info, ERR));
  memset(data, 0, 512);
  CHECK_OK(spdl_tar_parse(data, 512, &info, ERR));
  CHECK_EQ(info.kind, SPDL_TAR_END);
}

CHECK_MAIN(CHECK_TEST(zip_members), CHECK_TEST(zip_jobs), CHECK_TEST(zip_checksums),
           CHECK_TEST(zips_cut_short), CHECK_TEST(tar_members))
