// SPDX-License-Identifier: BSD-2-Clause
#include "readers/npy.h"

#include <algorithm>
#include <charconv>

#include "base/trace.h"
#include "readers/view.h"

namespace spdl::readers {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

Error corrupt(const std::string &what) {
  return {Status::corrupt, Origin::readers, "The npy data is invalid: " + what};
}

Error unsupported(const std::string &what) {
  return {Status::unsupported, Origin::readers, "Unsupported npy data: " + what};
}

// The header is a Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }
  Result<std::string_view> take_string() {
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    const size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : rest_.npos;
    if (end == rest_.npos) return corrupt("its header lacks a string.");
    const auto string = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return string;
  }
  Result<int64_t> take_size() {
    skip_space();
    int64_t size = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
    if (error != std::errc() || size < 0) return corrupt("a size in its shape is no size.");
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    if (!rest_.empty() && rest_.front() == 'L') rest_.remove_prefix(1);  // of Python 2
    return size;
  }

 private:
  void skip_space() {
    const size_t start = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(std::min(start, rest_.size()));
  }

  std::string_view rest_;
};

Result<void> read_type(Literal &literal, NpyHeader &header) {
  if (literal.take("[") || literal.take("("))
    return unsupported("a structured type. numpy.load() reads it.");
  SPDL_TRY_ASSIGN(const std::string_view type, literal.take_string());
  if (type.size() > NpyHeader::max_type_size) return unsupported("its type has a long name.");
  header.typestr = type;
  return {};
}

Result<void> read_order(Literal &literal, NpyHeader &header) {
  header.fortran_order = literal.take("True");
  if (!header.fortran_order && !literal.take("False"))
    return corrupt("its order is neither True nor False.");
  return {};
}

Result<void> read_shape(Literal &literal, NpyHeader &header) {
  if (!literal.take("(")) return corrupt("its shape is no tuple.");
  bool has_comma = true;
  while (!literal.take(")")) {
    if (!has_comma) return corrupt("its shape is no tuple.");
    if (header.shape.size() == NpyHeader::max_dims) return unsupported("over 64 dimensions.");
    SPDL_TRY_ASSIGN(const int64_t size, literal.take_size());
    header.shape.push_back(size);
    has_comma = literal.take(",");
  }
  if (header.shape.size() == 1 && !has_comma) return corrupt("its shape is no tuple.");
  return {};
}

struct Field {
  std::string_view name;
  Result<void> (*read)(Literal &, NpyHeader &);
  bool found = false;
};

Result<void> read_fields(Literal literal, NpyHeader &header) {
  Field fields[] = {{"descr", read_type}, {"fortran_order", read_order}, {"shape", read_shape}};
  if (!literal.take("{")) return corrupt("its header is no dict.");
  while (!literal.take("}")) {
    SPDL_TRY_ASSIGN(const auto name, literal.take_string());
    const auto field = std::ranges::find(fields, name, &Field::name);
    if (field == std::end(fields) || field->found || !literal.take(":"))
      return corrupt("its header has an unexpected entry.");
    field->found = true;
    SPDL_TRY(field->read(literal, header));
    if (literal.take(",")) continue;
    if (!literal.take("}")) return corrupt("its header is no dict.");
    break;
  }
  if (!literal.at_end() || !std::ranges::all_of(fields, &Field::found))
    return corrupt("its header is incomplete.");
  return {};
}

bool is_one_of(uint64_t size, std::initializer_list<uint64_t> sizes) {
  return std::find(sizes.begin(), sizes.end(), size) != sizes.end();
}

// Bytes per element of a type of NumPy, or 0 if it is none.
uint64_t size_of(char kind, uint64_t n) {
  switch (kind) {
    case 'b':
      return n == 1 ? 1 : 0;
    case 'i':
    case 'u':
      return is_one_of(n, {1, 2, 4, 8}) ? n : 0;
    case 'f':
      return is_one_of(n, {2, 4, 8, 12, 16}) ? n : 0;
    case 'c':
      return is_one_of(n, {8, 16, 24, 32}) ? n : 0;
    case 'm':
    case 'M':
      return n == 8 ? 8 : 0;
    case 'U':
      return 4 * n;
    case 'S':
    case 'V':
      return n;
    default:
      return 0;
  }
}

Result<uint32_t> item_size(std::string_view type) {
  const std::string named = "the type '" + std::string(type) + "'";
  if (!type.empty() && std::string_view("<>|=").find(type.front()) != type.npos)
    type.remove_prefix(1);
  if (type.empty()) return corrupt("it has no type.");
  const char kind = type.front();
  if (kind == 'O')
    return unsupported("Python objects. numpy.load(allow_pickle=True) reads them, if trusted.");
  uint32_t n = 0;
  const auto [end, error] = std::from_chars(type.data() + 1, type.data() + type.size(), n);
  const bool has_unit = (kind == 'm' || kind == 'M') && end != type.data() + type.size() &&
                        *end == '[' && type.back() == ']';
  const bool whole = end == type.data() + type.size() || has_unit;
  const uint64_t size = error == std::errc() && whole && n <= INT32_MAX / 4 ? size_of(kind, n) : 0;
  if (size == 0) return unsupported(named + ".");
  return static_cast<uint32_t>(size);
}

// Their size in bytes. NumPy leaves dimensions of 0 out when it looks for an overflow, so we do.
Result<uint64_t> size_elements(const NpyHeader &header) {
  int64_t size = header.item_size;
  bool is_empty = false;
  for (const int64_t dim : header.shape) {
    is_empty |= dim == 0;
    if (dim > 0 && __builtin_mul_overflow(size, dim, &size))
      return corrupt("its shape is larger than memory can be.");
  }
  return is_empty ? 0 : static_cast<uint64_t>(size);
}

struct Extent {
  uint64_t offset;
  uint64_t size;
};

// Where the text of the header is.
Result<Extent> find_header(Bytes data) {
  if (!has(data, 0, 10)) return corrupt("it is cut short.");
  if (text(data, 0, magic.size()) != magic) return corrupt("it does not begin as npy data.");
  const uint8_t version = data[6];
  if (version < 1 || version > 3)
    return unsupported("version " + std::to_string(version) + " of the format.");
  Extent extent{10, read_little<uint16_t>(data, 8)};
  if (version > 1) {
    if (!has(data, 0, 12)) return corrupt("it is cut short.");
    extent = {12, read_little<uint32_t>(data, 8)};
  }
  if (!has(data, extent.offset, extent.size)) return corrupt("its header is cut short.");
  return extent;
}

}  // namespace

Result<NpyHeader> parse_npy(Bytes data) {
  SPDL_TRY_ASSIGN(const Extent extent, find_header(data));
  NpyHeader header;
  SPDL_TRY(read_fields(Literal(text(data, extent.offset, extent.size)), header));
  SPDL_TRY_ASSIGN(header.item_size, item_size(header.typestr));
  SPDL_TRY_ASSIGN(header.data_size, size_elements(header));
  header.data_offset = extent.offset + extent.size;
  if (!has(data, header.data_offset, header.data_size))
    return corrupt("it is cut short: its elements have " + std::to_string(header.data_size) +
                   " bytes, but there are " + std::to_string(data.size() - header.data_offset) +
                   ".");
  return header;
}

Result<buffer::BufferPtr> load_npy(const std::shared_ptr<const buffer::Memory> &memory, bool copy,
                                   const Limits &limits) {
  const trace::Stage stage("npy");
  SPDL_TRY(limits.check(Origin::readers, "npy data"));
  SPDL_TRY_ASSIGN(const NpyHeader header, parse_npy({memory->data(), memory->size()}));
  const size_t size = header.data_size;
  auto storage = buffer::Storage::view(memory, header.data_offset);
  if (copy) {
    SPDL_TRY(limits.check_bytes(Origin::readers, static_cast<int64_t>(size), "npy data"));
    storage = buffer::Storage::allocate(size);
    SPDL_TRY(copy_bytes({memory->data() + header.data_offset, size}, storage.data(), limits));
  }
  return make_bytes(std::move(storage), size, copy || memory->writable());
}

}  // namespace spdl::readers
