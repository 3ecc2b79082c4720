// SPDX-License-Identifier: BSD-2-Clause
#include "readers/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <new>
#include <string>

namespace spdl::readers {
namespace {

constexpr size_t at_once = 1 << 20;  // a few milliseconds; zlib counts in 32 bits

uint32_t extend_crc(uint32_t crc, const uint8_t *data, size_t size) {
  return static_cast<uint32_t>(crc32(crc, data, static_cast<uInt>(size)));
}

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater &) = delete;
  Inflater &operator=(const Inflater &) = delete;

  z_stream &stream() { return stream_; }

 private:
  z_stream stream_{};
};

Error corrupt(const std::string &what) {
  return {Status::corrupt, Origin::readers, "The deflated data is invalid: " + what};
}

}  // namespace

Result<uint32_t> inflate_raw(Bytes from, uint8_t *to, size_t size, const Limits &limits) {
  Inflater inflater;
  z_stream &stream = inflater.stream();
  size_t taken = 0, made = 0;
  uint32_t crc = 0;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    SPDL_TRY(limits.check(Origin::readers, "Deflated data"));
    const auto room_in = static_cast<uInt>(std::min(at_once, from.size() - taken));
    const auto room_out = static_cast<uInt>(std::min(at_once, size - made));
    stream.next_in = const_cast<Bytef *>(from.data() + taken);  // zlib only reads it
    stream.avail_in = room_in;
    stream.next_out = to + made;
    stream.avail_out = room_out;
    status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_BUF_ERROR)
      return corrupt(made == size ? "there is more of it than the archive says."
                                  : "it is cut short.");
    if (status != Z_OK && status != Z_STREAM_END)
      return corrupt(stream.msg ? stream.msg : "it cannot be inflated.");
    taken += room_in - stream.avail_in;
    crc = extend_crc(crc, to + made, room_out - stream.avail_out);
    made += room_out - stream.avail_out;
  }
  if (made != size || taken != from.size())
    return corrupt("it ends before the size that the archive says.");
  return crc;
}

Result<uint32_t> crc32_of(Bytes data, const Limits &limits) {
  uint32_t crc = 0;
  while (!data.empty()) {
    SPDL_TRY(limits.check(Origin::readers, "zip data"));
    const size_t size = std::min(at_once, data.size());
    crc = extend_crc(crc, data.data(), size);
    data = data.subspan(size);
  }
  return crc;
}

}  // namespace spdl::readers
