// SPDX-License-Identifier: BSD-2-Clause
#include "readers/zip_directory.h"

#include <algorithm>

namespace spdl::readers {
namespace {

// Sizes of the fixed parts, and the signatures they begin with.
constexpr size_t end_size = 22, locator_size = 20, end64_size = 56, entry_size = 46,
                 local_size = 30;
constexpr std::string_view end_mark = "PK\5\6", locator_mark = "PK\6\7", end64_mark = "PK\6\6",
                           entry_mark = "PK\1\2", local_mark = "PK\3\4";
constexpr uint16_t use_long_16 = 0xffff;
constexpr uint32_t use_long_32 = 0xffffffff;
constexpr uint16_t long_sizes = 1;  // an extra field
constexpr uint16_t encrypted_flag = 1, utf8_flag = 1 << 11;

bool has_mark(Bytes data, uint64_t at, std::string_view mark, size_t size) {
  return has(data, at, size) && text(data, at, mark.size()) == mark;
}

// Where the directory is. Offsets in it count from `base`: something may stand in front.
struct Directory {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t base = 0;
  uint64_t num_entries = 0;
};

Result<uint64_t> find_end(Bytes data) {
  if (data.size() < end_size)
    return Error{Status::corrupt, Origin::readers, "The data is not a valid zip file."};
  const uint64_t last = data.size() - end_size;
  const uint64_t first = last - std::min<uint64_t>(last, 0xffff);  // a comment may follow
  for (uint64_t at = last + 1; at-- > first;)
    if (has_mark(data, at, end_mark, end_size) &&
        read_little<uint16_t>(data, at + 20) <= data.size() - at - end_size)
      return at;
  return Error{Status::corrupt, Origin::readers,
               "Failed to locate the end of the central directory."};
}

Result<Directory> find_directory(Bytes data) {
  SPDL_TRY_ASSIGN(const uint64_t end, find_end(data));
  Directory directory{.end = end, .num_entries = read_little<uint16_t>(data, end + 10)};
  uint64_t size = read_little<uint32_t>(data, end + 12);
  uint64_t offset = read_little<uint32_t>(data, end + 16);
  bool in_parts = read_little<uint16_t>(data, end + 8) != directory.num_entries;
  const bool is_long =
      directory.num_entries == use_long_16 || size == use_long_32 || offset == use_long_32;
  if (is_long && end >= locator_size &&
      has_mark(data, end - locator_size, locator_mark, locator_size)) {
    const uint64_t at = end - locator_size - std::min(end - locator_size, uint64_t{end64_size});
    if (!has_mark(data, at, end64_mark, end64_size))
      return corrupt_zip("the zip64 end of the central directory is not there.", at);
    directory.end = at;
    directory.num_entries = read_little<uint64_t>(data, at + 32);
    in_parts = read_little<uint64_t>(data, at + 24) != directory.num_entries;
    size = read_little<uint64_t>(data, at + 40);
    offset = read_little<uint64_t>(data, at + 48);
  }
  if (in_parts) return corrupt_zip("it is one of several parts.", end);
  if (size > directory.end || offset > directory.end - size)
    return corrupt_zip("the central directory lies outside of it.", end);
  if (directory.num_entries > size / entry_size)
    return corrupt_zip("the central directory is too small for its entries.", end);
  directory.begin = directory.end - size;
  directory.base = directory.begin - offset;
  return directory;
}

// Numbers that do not fit their fields are in an extra field, in this order.
Result<void> read_long_sizes(Bytes extra, ZipMember &member, uint64_t at) {
  uint64_t *const fields[] = {&member.size, &member.stored_size, &member.header_offset};
  for (size_t i = 0; has(extra, i, 4);) {
    const auto id = read_little<uint16_t>(extra, i);
    const auto size = read_little<uint16_t>(extra, i + 2);
    if (!has(extra, i + 4, size)) break;  // padding
    const Bytes content = extra.subspan(i + 4, size);
    i += 4 + size_t{size};
    if (id != long_sizes) continue;
    size_t next = 0;
    for (uint64_t *field : fields) {
      if (*field != use_long_32) continue;
      if (!has(content, next, 8)) return corrupt_zip("a zip64 field is too short.", at);
      *field = read_little<uint64_t>(content, next);
      next += 8;
    }
    return {};
  }
  return {};
}

struct Entry {
  ZipMember member;
  uint64_t next;
};

Result<Entry> read_entry(Bytes data, const Directory &directory, uint64_t at) {
  const Bytes inside = data.first(directory.end);
  if (!has_mark(inside, at, entry_mark, entry_size))
    return corrupt_zip("an entry of the central directory is not there.", at);
  const auto name_size = read_little<uint16_t>(data, at + 28);
  const auto extra_size = read_little<uint16_t>(data, at + 30);
  const auto comment_size = read_little<uint16_t>(data, at + 32);
  const uint64_t name_at = at + entry_size;
  const uint64_t extra_at = name_at + name_size;
  if (!has(inside, name_at, uint64_t{name_size} + extra_size + comment_size))
    return corrupt_zip("an entry of the central directory is cut short.", at);
  const auto flags = read_little<uint16_t>(data, at + 8);
  ZipMember member{.name = std::string(text(data, name_at, name_size)),
                   .is_utf8 = (flags & utf8_flag) != 0,
                   .is_encrypted = (flags & encrypted_flag) != 0,
                   .method = read_little<uint16_t>(data, at + 10),
                   .crc = read_little<uint32_t>(data, at + 16),
                   .size = read_little<uint32_t>(data, at + 24),
                   .stored_size = read_little<uint32_t>(data, at + 20),
                   .header_offset = read_little<uint32_t>(data, at + 42)};
  SPDL_TRY(read_long_sizes(data.subspan(extra_at, extra_size), member, at));
  return Entry{std::move(member), extra_at + extra_size + comment_size};
}

// The member's own header, in front of its bytes.
Result<void> read_local(Bytes data, const Directory &directory, ZipMember &member) {
  const Bytes inside = data.first(directory.begin);
  uint64_t &at = member.header_offset;
  if (at > directory.begin - directory.base)
    return corrupt_zip("a member lies outside of it.", directory.begin);
  at += directory.base;
  if (!has_mark(inside, at, local_mark, local_size))
    return corrupt_zip("a member is not where the central directory says.", at);
  const auto name_size = read_little<uint16_t>(data, at + 26);
  const auto extra_size = read_little<uint16_t>(data, at + 28);
  if (!has(inside, at + local_size, uint64_t{name_size} + extra_size))
    return corrupt_zip("a member is cut short.", at);
  if (text(data, at + local_size, name_size) != member.name)
    return corrupt_zip("a member has another name than the central directory says.", at);
  member.data_offset = at + local_size + name_size + extra_size;
  if (!has(inside, member.data_offset, member.stored_size))
    return corrupt_zip("a member goes past the end.", at);
  return {};
}

Result<void> check_sizes(const ZipMember &member) {
  constexpr uint64_t most = 1032;  // what deflate makes of one byte
  if (member.method == Zip::stored && !member.is_encrypted && member.size != member.stored_size)
    return corrupt_zip("a stored member has two sizes.", member.header_offset);
  if (member.method == Zip::deflated && member.size / most > member.stored_size)
    return corrupt_zip("a member is said to be larger than its bytes can be.",
                       member.header_offset);
  return {};
}

Result<void> check_overlaps(const std::vector<ZipMember> &members) {
  std::vector<const ZipMember *> sorted;
  sorted.reserve(members.size());
  for (const ZipMember &member : members) sorted.push_back(&member);
  std::ranges::sort(sorted, {}, &ZipMember::header_offset);
  for (size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i - 1]->data_offset + sorted[i - 1]->stored_size > sorted[i]->header_offset)
      return corrupt_zip("members overlap.", sorted[i]->header_offset);
  return {};
}

}  // namespace

Error corrupt_zip(const std::string &what, uint64_t at) {
  return Error{Status::corrupt, Origin::readers, "The zip data is invalid: " + what}.at_byte(
      static_cast<int64_t>(at));
}

Result<std::vector<ZipMember>> read_zip_directory(Bytes data, const Limits &limits) {
  SPDL_TRY_ASSIGN(const Directory directory, find_directory(data));
  std::vector<ZipMember> members;
  members.reserve(directory.num_entries);
  uint64_t at = directory.begin;
  for (uint64_t i = 0; i < directory.num_entries; ++i) {
    if (i % 1024 == 0) SPDL_TRY(limits.check(Origin::readers, "zip data"));
    SPDL_TRY_ASSIGN(Entry entry, read_entry(data, directory, at));
    SPDL_TRY(read_local(data, directory, entry.member));
    SPDL_TRY(check_sizes(entry.member));
    members.push_back(std::move(entry.member));
    at = entry.next;
  }
  SPDL_TRY(check_overlaps(members));
  return members;
}

}  // namespace spdl::readers
