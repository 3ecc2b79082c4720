// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/buffer.h"

#include <cstring>
#include <span>

#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<buffer::Form> read_array(const spdl_array *array) {
  SPDL_TRY(require(array));
  SPDL_TRY_ASSIGN(const spdl_array read, read_struct(array));
  SPDL_TRY(require(read.typestr));
  if (read.num_dims > buffer::Shape::max_dims) return invalid("An array has at most 8 dimensions.");
  return buffer::Form{{read.shape, read.num_dims}, read.typestr};
}

Result<buffer::BufferPtr> copy_integers(std::span<const int64_t> values, const spdl_memory *out) {
  SPDL_TRY_ASSIGN(auto memory, read_out(out));
  const buffer::Layout layout{{static_cast<int64_t>(values.size())}, buffer::s64};
  SPDL_TRY_ASSIGN(auto storage, buffer::Storage::make(std::move(memory), layout));
  std::memcpy(storage.data(), values.data(), values.size_bytes());
  return std::make_shared<const buffer::Buffer>(buffer::Buffer{std::move(storage), layout});
}

}  // namespace

spdl_status spdl_memory_borrow_array(void *data, size_t size, const spdl_array *array, uint64_t tag,
                                     spdl_memory **out_memory, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_memory));
    if (size > 0) SPDL_TRY(require(data));
    if (size > PTRDIFF_MAX) return invalid("The memory is larger than memory can be.");
    SPDL_TRY_ASSIGN(auto form, read_array(array));
    // The handle first: once the memory is made, its tag comes back.
    auto handle = std::make_unique<spdl_memory>(nullptr);
    handle->value = std::make_shared<const buffer::Memory>(data, size, true, tag, std::move(form));
    *out_memory = handle.release();
    return {};
  });
}

spdl_status spdl_memory_allocate(size_t size, uint32_t flags, spdl_memory **out_memory,
                                 spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_memory));
    if (flags & ~uint32_t{SPDL_STORAGE_PINNED}) return invalid("An unknown SPDL_STORAGE flag.");
    if (size == 0) return invalid("A storage has at least one byte.");
    SPDL_TRY(check_pinned(flags & SPDL_STORAGE_PINNED, nullptr));
    *out_memory = new spdl_memory(std::make_shared<const buffer::Memory>(size));
    return {};
  });
}

spdl_status spdl_buffer_from_integers(const int64_t *values, size_t num_values,
                                      const spdl_memory *out, spdl_buffer **out_buffer,
                                      spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(values, out_buffer));
    if (num_values == 0) return invalid("There is no number to convert.");
    if (num_values > PTRDIFF_MAX / sizeof *values)
      return invalid("There cannot be so many numbers.");
    return hand_over(copy_integers({values, num_values}, out), out_buffer);
  });
}

spdl_status spdl_buffer_get_info(const spdl_buffer *buffer, spdl_buffer_info *out_info,
                                 spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(buffer));
    const buffer::Buffer &value = *buffer->value;
    spdl_buffer_info info{};
    info.media = value.media;
    info.data = value.storage.data();
    info.size = static_cast<size_t>(value.layout.size());
    info.typestr = value.layout.type.typestr;
    info.format = value.format;
    info.backend = value.backend;
    info.item_size = value.layout.type.size;
    info.num_dims = static_cast<uint32_t>(value.layout.shape.num_dims());
    for (size_t i = 0; i < value.layout.shape.num_dims(); ++i)
      info.shape[i] = value.layout.shape[i];
    info.sample_rate = value.sample_rate;
    info.num_corrupt = value.num_corrupt;
    info.num_pts = static_cast<uint32_t>(value.pts.size());
    info.flags = value.writable ? 0 : SPDL_BUFFER_READONLY;
    info.pts = value.pts.data();
    info.num_items = static_cast<uint32_t>(value.item_corrupt.size());
    info.item_num_corrupt = value.item_corrupt.data();
    return write_struct(out_info, info);
  });
}

void spdl_buffer_free(spdl_buffer *buffer) noexcept { delete buffer; }
