// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/readers.h"

#include "abi/operation.h"
#include "readers/npy.h"
#include "readers/tar.h"
#include "readers/wav.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<readers::Bytes> read_bytes(const void *data, size_t size) {
  if (size > 0) SPDL_TRY(require(data));
  if (size > PTRDIFF_MAX) return invalid("The data is larger than memory can be.");
  return readers::Bytes(static_cast<const uint8_t *>(data), size);
}

Result<Call<spdl_buffer>> plan_wav_load(const spdl_memory *memory, const spdl_window *window) {
  SPDL_TRY_ASSIGN(auto data, read_data(memory));
  SPDL_TRY_ASSIGN(const auto range, read_window(window));
  return [data = std::move(data), range = readers::WavWindow{range.start, range.end}](
             const Limits &limits) { return readers::load_wav(data, range, limits); };
}

Result<Call<spdl_buffer>> plan_npy_load(const spdl_memory *memory, uint32_t flags) {
  SPDL_TRY_ASSIGN(auto data, read_data(memory));
  if (flags & ~uint32_t{SPDL_NPY_COPY}) return invalid("An unknown SPDL_NPY flag.");
  return [data = std::move(data), copy = (flags & SPDL_NPY_COPY) != 0](const Limits &limits) {
    return readers::load_npy(data, copy, limits);
  };
}

Result<Call<spdl_zip>> plan_zip_open(const spdl_memory *memory, const spdl_zip_options *options) {
  SPDL_TRY_ASSIGN(auto data, read_data(memory));
  SPDL_TRY_ASSIGN(const spdl_zip_options read, read_struct(options));
  if (read.flags) return invalid("An unknown flag of a zip archive.");
  if (read.max_uncompressed_bytes < 0) return invalid("`max_uncompressed_bytes` is negative.");
  const int64_t most = read.max_uncompressed_bytes ? read.max_uncompressed_bytes
                                                   : readers::Zip::default_max_uncompressed_bytes;
  return [data = std::move(data), most](const Limits &limits) {
    return readers::Zip::open(data, most, limits);
  };
}

Result<void> check_member(const spdl_zip *zip, uint64_t index) {
  SPDL_TRY(require(zip));
  const size_t count = zip->value->members().size();
  if (index < count) return {};
  return invalid("There is no member " + std::to_string(index) + " among " + std::to_string(count) +
                 ".");
}

Result<Call<spdl_buffer>> plan_zip_read(const spdl_zip *zip, uint64_t index) {
  SPDL_TRY(check_member(zip, index));
  return [zip = zip->value, index](const Limits &limits) { return zip->read(index, limits); };
}

}  // namespace

spdl_status spdl_wav_parse(const void *data, size_t size, spdl_wav_info *out_info,
                           spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY_ASSIGN(const auto bytes, read_bytes(data, size));
    SPDL_TRY(require(out_info));
    SPDL_TRY_ASSIGN(const readers::WavHeader header, readers::parse_wav(bytes));
    spdl_wav_info info{};
    info.audio_format = header.audio_format;
    info.sub_format = header.sub_format;
    info.num_channels = header.num_channels;
    info.sample_rate = header.sample_rate;
    info.byte_rate = header.byte_rate;
    info.block_align = header.block_align;
    info.bits_per_sample = header.bits_per_sample;
    info.data_offset = header.data_offset;
    info.data_size = header.data_size;
    return write_struct(out_info, info);
  });
}

spdl_status spdl_wav_load(const spdl_memory *memory, const spdl_window *window,
                          const spdl_limits *limits, spdl_buffer **out_buffer,
                          spdl_error *err) noexcept {
  return run([&] { return plan_wav_load(memory, window); }, limits, out_buffer, err);
}

spdl_status spdl_wav_load_submit(spdl_queue *queue, uint64_t tag, const spdl_memory *memory,
                                 const spdl_window *window, const spdl_limits *limits,
                                 spdl_error *err) noexcept {
  return submit<spdl_buffer>(
      queue, tag, [&] { return plan_wav_load(memory, window); }, limits, err);
}

spdl_status spdl_npy_parse(const void *data, size_t size, spdl_npy_info *out_info,
                           spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY_ASSIGN(const auto bytes, read_bytes(data, size));
    SPDL_TRY(require(out_info));
    SPDL_TRY_ASSIGN(const readers::NpyHeader header, readers::parse_npy(bytes));
    spdl_npy_info info{};
    info.item_size = header.item_size;
    info.fortran_order = header.fortran_order;
    info.num_dims = static_cast<uint32_t>(header.shape.size());
    std::copy(header.shape.begin(), header.shape.end(), info.shape);
    info.data_offset = header.data_offset;
    info.data_size = header.data_size;
    std::copy(header.typestr.begin(), header.typestr.end(), info.typestr);
    return write_struct(out_info, info);
  });
}

spdl_status spdl_npy_load(const spdl_memory *memory, uint32_t flags, const spdl_limits *limits,
                          spdl_buffer **out_buffer, spdl_error *err) noexcept {
  return run([&] { return plan_npy_load(memory, flags); }, limits, out_buffer, err);
}

spdl_status spdl_npy_load_submit(spdl_queue *queue, uint64_t tag, const spdl_memory *memory,
                                 uint32_t flags, const spdl_limits *limits,
                                 spdl_error *err) noexcept {
  return submit<spdl_buffer>(queue, tag, [&] { return plan_npy_load(memory, flags); }, limits, err);
}

spdl_status spdl_zip_open(const spdl_memory *memory, const spdl_zip_options *options,
                          const spdl_limits *limits, spdl_zip **out_zip, spdl_error *err) noexcept {
  return run([&] { return plan_zip_open(memory, options); }, limits, out_zip, err);
}

spdl_status spdl_zip_open_submit(spdl_queue *queue, uint64_t tag, const spdl_memory *memory,
                                 const spdl_zip_options *options, const spdl_limits *limits,
                                 spdl_error *err) noexcept {
  return submit<spdl_zip>(queue, tag, [&] { return plan_zip_open(memory, options); }, limits, err);
}

spdl_status spdl_zip_get_info(const spdl_zip *zip, spdl_zip_info *out_info,
                              spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(zip));
    spdl_zip_info info{};
    info.num_members = zip->value->members().size();
    return write_struct(out_info, info);
  });
}

spdl_status spdl_zip_get_member_info(const spdl_zip *zip, uint64_t index,
                                     spdl_zip_member_info *out_info, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(check_member(zip, index));
    const readers::ZipMember &member = zip->value->members()[index];
    spdl_zip_member_info info{};
    info.flags =
        (member.is_utf8 ? SPDL_ZIP_UTF8 : 0) | (member.is_encrypted ? SPDL_ZIP_ENCRYPTED : 0);
    info.name = member.name.c_str();
    info.name_size = member.name.size();
    info.size = member.size;
    info.stored_size = member.stored_size;
    info.data_offset = member.data_offset;
    info.method = member.method;
    info.crc = member.crc;
    return write_struct(out_info, info);
  });
}

spdl_status spdl_zip_read(const spdl_zip *zip, uint64_t index, const spdl_limits *limits,
                          spdl_buffer **out_buffer, spdl_error *err) noexcept {
  return run([&] { return plan_zip_read(zip, index); }, limits, out_buffer, err);
}

spdl_status spdl_zip_read_submit(spdl_queue *queue, uint64_t tag, const spdl_zip *zip,
                                 uint64_t index, const spdl_limits *limits,
                                 spdl_error *err) noexcept {
  return submit<spdl_buffer>(queue, tag, [&] { return plan_zip_read(zip, index); }, limits, err);
}

void spdl_zip_free(spdl_zip *zip) noexcept { delete zip; }

spdl_status spdl_tar_parse(const void *data, size_t size, spdl_tar_info *out_info,
                           spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY_ASSIGN(const auto bytes, read_bytes(data, size));
    SPDL_TRY(require(out_info));
    SPDL_TRY_ASSIGN(const readers::TarStep step, readers::parse_tar(bytes));
    spdl_tar_info info{};
    info.kind = static_cast<uint32_t>(step.kind);
    info.needed = step.needed;
    if (step.kind == readers::TarStep::Kind::member) {
      const readers::TarMember &member = step.member;
      const auto *start = static_cast<const char *>(data);
      info.is_file = member.is_file;
      info.name_offset = static_cast<uint64_t>(member.name.data() - start);
      info.name_size = member.name.size();
      if (!member.prefix.empty())
        info.prefix_offset = static_cast<uint64_t>(member.prefix.data() - start);
      info.prefix_size = member.prefix.size();
      info.data_offset = member.data_offset;
      info.data_size = member.data_size;
      info.next_offset = member.next_offset;
    }
    return write_struct(out_info, info);
  });
}
