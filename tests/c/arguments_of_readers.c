/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrong arguments of the readers: as arguments.c. */
#include "arguments.h"

static const char bytes[4] = "RIFF";
static spdl_memory *memory;

static void make_memory(void) {
  make_items();
  CHECK_OK(spdl_memory_borrow(bytes, sizeof(bytes), 0, 3, &memory, ERR));
}

static void free_memory(void) {
  free_items();
  spdl_memory_free(memory);
  check_tag_released(3);
}

static void wrong_wav(void) {
  make_memory();
  spdl_wav_info info = {.struct_size = sizeof(info)};
  spdl_buffer *loaded = UNSET;
  REFUSES(spdl_wav_parse(NULL, 1, &info, err));
  REFUSES(spdl_wav_parse(bytes, SIZE_MAX, &info, err));
  REFUSES(spdl_wav_parse(bytes, 4, NULL, err));
  REFUSES(spdl_wav_load(NULL, NULL, NULL, &loaded, err));
  REFUSES(spdl_wav_load(memory, NULL, NULL, NULL, err));
  REFUSES(spdl_wav_load_submit(NULL, 1, memory, NULL, NULL, err));
  REFUSES(spdl_wav_load_submit(queue, 1, NULL, NULL, NULL, err));
  const spdl_window no_den = {.struct_size = sizeof(no_den), .flags = SPDL_WINDOW_START};
  const spdl_window unknown = {.struct_size = sizeof(unknown), .flags = 4};
  REFUSES(spdl_wav_load(memory, &no_den, NULL, &loaded, err));
  REFUSES(spdl_wav_load(memory, &unknown, NULL, &loaded, err));
  REFUSES(spdl_wav_load_submit(queue, 1, memory, &no_den, NULL, err));
  CHECK(loaded == UNSET);
  free_memory();
}

static void wrong_npy(void) {
  make_memory();
  spdl_npy_info info = {.struct_size = sizeof(info)};
  spdl_buffer *loaded = UNSET;
  REFUSES(spdl_npy_parse(NULL, 1, &info, err));
  REFUSES(spdl_npy_parse(bytes, SIZE_MAX, &info, err));
  REFUSES(spdl_npy_parse(bytes, 4, NULL, err));
  REFUSES(spdl_npy_load(NULL, 0, NULL, &loaded, err));
  REFUSES(spdl_npy_load(memory, 0, NULL, NULL, err));
  REFUSES(spdl_npy_load(memory, 2, NULL, &loaded, err));
  REFUSES(spdl_npy_load_submit(NULL, 1, memory, 0, NULL, err));
  REFUSES(spdl_npy_load_submit(queue, 1, NULL, 0, NULL, err));
  REFUSES(spdl_npy_load_submit(queue, 1, memory, 2, NULL, err));
  CHECK(loaded == UNSET);
  free_memory();
}

/* Memory that the library set aside holds no file. */
static void storage(void) {
  make_items();
  spdl_memory *aside = NULL;
  CHECK_OK(spdl_memory_allocate(100, 0, &aside, ERR));
  spdl_buffer *loaded = UNSET;
  spdl_zip *opened = UNSET;
  REFUSES(spdl_wav_load(aside, NULL, NULL, &loaded, err));
  REFUSES(spdl_wav_load_submit(queue, 1, aside, NULL, NULL, err));
  REFUSES(spdl_npy_load(aside, 0, NULL, &loaded, err));
  REFUSES(spdl_npy_load(aside, SPDL_NPY_COPY, NULL, &loaded, err));
  REFUSES(spdl_zip_open(aside, NULL, NULL, &opened, err));
  spdl_packets *read = UNSET;
  REFUSES(spdl_packets_deserialize(aside, 0, 0, &read, err));
  spdl_frames *made = UNSET;
  const spdl_frames_options layout = {.struct_size = sizeof(layout),
                                      .media = SPDL_MEDIA_IMAGE,
                                      .format = "gray",
                                      .width = 10,
                                      .height = 10,
                                      .num_frames = 1};
  REFUSES(spdl_frames_from_memory(aside, &layout, &made, err));
  CHECK_ERROR(SPDL_E_INVALID, "set aside", spdl_zip_open(aside, NULL, NULL, &opened, ERR));
  CHECK(loaded == UNSET && opened == UNSET && read == UNSET && made == UNSET);
  spdl_memory_free(aside);
  free_items();
}

static void wrong_zip(void) {
  make_memory();
  media_bytes archive = media_make_zip();
  spdl_memory *lent = NULL;
  CHECK_OK(spdl_memory_borrow(archive.data, archive.size, 0, 4, &lent, ERR));
  spdl_zip *zip = NULL, *opened = UNSET;
  CHECK_OK(spdl_zip_open(lent, NULL, NULL, &zip, ERR));
  spdl_zip_info info = {.struct_size = sizeof(info)};
  spdl_zip_member_info member = {.struct_size = sizeof(member)};
  spdl_buffer *read = UNSET;
  const spdl_zip_options flags = {.struct_size = sizeof(flags), .flags = 1};
  const spdl_zip_options negative = {.struct_size = sizeof(flags), .max_uncompressed_bytes = -1};
  REFUSES(spdl_zip_open(NULL, NULL, NULL, &opened, err));
  REFUSES(spdl_zip_open(lent, NULL, NULL, NULL, err));
  REFUSES(spdl_zip_open(lent, &flags, NULL, &opened, err));
  REFUSES(spdl_zip_open(lent, &negative, NULL, &opened, err));
  REFUSES(spdl_zip_open_submit(NULL, 1, lent, NULL, NULL, err));
  REFUSES(spdl_zip_open_submit(queue, 1, NULL, NULL, NULL, err));
  REFUSES(spdl_zip_get_info(NULL, &info, err));
  REFUSES(spdl_zip_get_info(zip, NULL, err));
  REFUSES(spdl_zip_get_member_info(NULL, 0, &member, err));
  REFUSES(spdl_zip_get_member_info(zip, 0, NULL, err));
  REFUSES(spdl_zip_get_member_info(zip, 2, &member, err));
  REFUSES(spdl_zip_read(NULL, 0, NULL, &read, err));
  REFUSES(spdl_zip_read(zip, 0, NULL, NULL, err));
  REFUSES(spdl_zip_read(zip, UINT64_MAX, NULL, &read, err));
  REFUSES(spdl_zip_read_submit(NULL, 1, zip, 0, NULL, err));
  REFUSES(spdl_zip_read_submit(queue, 1, zip, 2, NULL, err));
  CHECK(opened == UNSET && read == UNSET);
  spdl_zip_free(zip);
  spdl_memory_free(lent);
  check_tag_released(4);
  media_free(&archive);
  free_memory();
}

static void wrong_tar(void) {
  spdl_tar_info info = {.struct_size = sizeof(info)};
  REFUSES(spdl_tar_parse(NULL, 1, &info, err));
  REFUSES(spdl_tar_parse(bytes, SIZE_MAX, &info, err));
  REFUSES(spdl_tar_parse(bytes, 4, NULL, err));
}

CHECK_MAIN(CHECK_TEST(wrong_wav), CHECK_TEST(wrong_npy), CHECK_TEST(storage), CHECK_TEST(wrong_zip),
           CHECK_TEST(wrong_tar))
