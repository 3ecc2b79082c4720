// SPDX-License-Identifier: BSD-2-Clause
// Zip archives in memory: stored and deflated members.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "buffer/buffer.h"
#include "readers/bytes.h"

namespace spdl::readers {

struct ZipMember {
  std::string name{};
  bool is_utf8 = false;  // else the name is in code page 437
  bool is_encrypted = false;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t size = 0;           // uncompressed
  uint64_t stored_size = 0;    // in the archive
  uint64_t header_offset = 0;  // of the member's own header
  uint64_t data_offset = 0;
};

// A value. All its members lie inside the memory, and do not overlap.
class Zip {
 public:
  static constexpr uint16_t stored = 0, deflated = 8;
  static constexpr int64_t default_max_uncompressed_bytes = int64_t{1} << 30;

  using MemoryPtr = std::shared_ptr<const buffer::Memory>;

  // The limit is on the sizes of all deflated members together.
  static Result<std::shared_ptr<const Zip>> open(MemoryPtr memory, int64_t max_uncompressed_bytes,
                                                 const Limits &limits);

  const std::vector<ZipMember> &members() const { return members_; }

  // The bytes of a member: in place if it is stored. Its checksum is compared; of a stored member
  // only once, as its memory may be written later.
  Result<buffer::BufferPtr> read(size_t index, const Limits &limits) const;

  Zip(MemoryPtr memory, std::vector<ZipMember> members);

 private:
  Bytes bytes_of(const ZipMember &member) const;

  MemoryPtr memory_;
  std::vector<ZipMember> members_;
  std::unique_ptr<std::atomic<bool>[]> is_checked_;
};

}  // namespace spdl::readers
