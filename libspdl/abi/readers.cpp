// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/readers.h"

#include "abi/operation.h"
#include "readers/npy.h"
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
  SPDL_TRY(require(memory));
  SPDL_TRY_ASSIGN(const auto range, read_window(window));
  return [memory = memory->value, range = readers::WavWindow{range.start, range.end}](
             const Limits &limits) { return readers::load_wav(memory, range, limits); };
}

Result<Call<spdl_buffer>> plan_npy_load(const spdl_memory *memory, uint32_t flags) {
  SPDL_TRY(require(memory));
  if (flags & ~uint32_t{SPDL_NPY_COPY}) return invalid("An unknown SPDL_NPY flag.");
  return [memory = memory->value, copy = (flags & SPDL_NPY_COPY) != 0](const Limits &limits) {
    return readers::load_npy(memory, copy, limits);
  };
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
