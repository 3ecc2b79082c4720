// SPDX-License-Identifier: BSD-2-Clause
#include "readers/zip.h"

#include "base/trace.h"
#include "readers/inflate.h"
#include "readers/view.h"
#include "readers/zip_directory.h"

namespace spdl::readers {
namespace {

Result<void> check_inflated(const std::vector<ZipMember> &members, int64_t most) {
  uint64_t total = 0;
  for (const ZipMember &member : members)
    if (member.method == Zip::deflated && __builtin_add_overflow(total, member.size, &total))
      total = UINT64_MAX;
  if (total <= static_cast<uint64_t>(most)) return {};
  return Error{Status::limit, Origin::readers,
               "The members of the zip data have " + std::to_string(total) +
                   " bytes when they are inflated, which is over the limit "
                   "max_uncompressed_bytes=" +
                   std::to_string(most) + "; raise it if the data is trusted."};
}

Result<void> check_method(const ZipMember &member) {
  if (member.is_encrypted)
    return Error{Status::unsupported, Origin::readers,
                 "Unsupported zip data: " + member.name + " is encrypted."};
  if (member.method != Zip::stored && member.method != Zip::deflated)
    return Error{Status::unsupported, Origin::readers,
                 "Unsupported zip data: " + member.name + " is compressed by method " +
                     std::to_string(member.method) +
                     "; stored and deflated members are supported."};
  return {};
}

Result<void> compare(uint32_t crc, const ZipMember &member) {
  if (crc == member.crc) return {};
  return corrupt_zip("the checksum of " + member.name + " is wrong.", member.data_offset);
}

}  // namespace

Zip::Zip(MemoryPtr memory, std::vector<ZipMember> members)
    : memory_(std::move(memory)),
      members_(std::move(members)),
      is_checked_(std::make_unique<std::atomic<bool>[]>(members_.size())) {}

Result<std::shared_ptr<const Zip>> Zip::open(MemoryPtr memory, int64_t max_uncompressed_bytes,
                                             const Limits &limits) {
  SPDL_TRY_ASSIGN(auto members, read_zip_directory({memory->data(), memory->size()}, limits));
  SPDL_TRY(check_inflated(members, max_uncompressed_bytes));
  return std::make_shared<const Zip>(std::move(memory), std::move(members));
}

Bytes Zip::bytes_of(const ZipMember &member) const {
  return {memory_->data() + member.data_offset, member.stored_size};
}

Result<buffer::BufferPtr> Zip::read(size_t index, const Limits &limits) const {
  const ZipMember &member = members_[index];
  const trace::Stage stage("zip", member.name);
  SPDL_TRY(limits.check(Origin::readers, "zip data"));
  SPDL_TRY(check_method(member));
  if (member.method == stored) {
    if (!is_checked_[index].load(std::memory_order_relaxed)) {
      SPDL_TRY_ASSIGN(const uint32_t crc, crc32_of(bytes_of(member), limits));
      SPDL_TRY(compare(crc, member));
      is_checked_[index].store(true, std::memory_order_relaxed);
    }
    return make_bytes(buffer::Storage::view(memory_, member.data_offset), member.size,
                      memory_->writable());
  }
  SPDL_TRY(limits.check_bytes(Origin::readers, static_cast<int64_t>(member.size), member.name));
  auto storage = buffer::Storage::allocate(member.size);
  SPDL_TRY_ASSIGN(const uint32_t crc,
                  inflate_raw(bytes_of(member), storage.data(), member.size, limits));
  SPDL_TRY(compare(crc, member));
  return make_bytes(std::move(storage), member.size, true);
}

}  // namespace spdl::readers
