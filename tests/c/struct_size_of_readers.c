/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule for structs that begin with `struct_size`, for those of the readers. */
#include "struct_size.h"

#include "media.h"

static media_bytes archive;
static spdl_memory *memory;
static spdl_zip *zip;

static spdl_status use_zip_options(const void *options) {
  spdl_zip *opened = NULL;
  const spdl_status status = spdl_zip_open(memory, options, NULL, &opened, ERR);
  spdl_zip_free(opened);
  return status;
}
static spdl_status get_wav_info(void *info, spdl_error *err) {
  media_bytes file = media_make_wav(8000, 1, 4);
  const spdl_status status = spdl_wav_parse(file.data, file.size, info, err);
  media_free(&file);
  return status;
}
static spdl_status get_npy_info(void *info, spdl_error *err) {
  static const char file[] =
      "\x93NUMPY\x01\x00\x30\x00{'descr':'|u1','fortran_order':True,'shape':()} ";
  return spdl_npy_parse(file, sizeof(file), info, err);
}
static spdl_status get_zip_info(void *info, spdl_error *err) {
  return spdl_zip_get_info(zip, info, err);
}
static spdl_status get_zip_member_info(void *info, spdl_error *err) {
  return spdl_zip_get_member_info(zip, 0, info, err);
}

static spdl_status get_tar_info(void *info, spdl_error *err) {
  return spdl_tar_parse("", 0, info, err);
}

static const struct_size_options options_table[] = {
    {"zip_options", sizeof(spdl_zip_options), use_zip_options},
};
static const struct_size_info info_table[] = {
    {"wav_info", sizeof(spdl_wav_info), get_wav_info},
    {"npy_info", sizeof(spdl_npy_info), get_npy_info},
    {"zip_info", sizeof(spdl_zip_info), get_zip_info},
    {"zip_member_info", sizeof(spdl_zip_member_info), get_zip_member_info},
    {"tar_info", sizeof(spdl_tar_info), get_tar_info},
};

static void options_and_infos(void) {
  archive = media_make_zip();
  CHECK_OK(spdl_memory_borrow(archive.data, archive.size, 0, 9, &memory, ERR));
  CHECK_OK(spdl_zip_open(memory, NULL, NULL, &zip, ERR));
  for (size_t row = 0; row < sizeof(options_table) / sizeof(options_table[0]); ++row)
    struct_size_check_options(&options_table[row]);
  for (size_t row = 0; row < sizeof(info_table) / sizeof(info_table[0]); ++row)
    struct_size_check_info(&info_table[row]);
  spdl_zip_free(zip);
  spdl_memory_free(memory);
  check_tag_released(9);
  media_free(&archive);
}

CHECK_MAIN(CHECK_TEST(options_and_infos))
