// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/movie_index.h"

#include <string_view>

namespace spdl::ffmpeg {
namespace {

constexpr int max_boxes = 64;  // of the file itself; those within them are not looked at

struct Box {
  uint32_t type;
  int64_t size;  // with its header; 0: up to the end of the file
};

Box read_box(AVIOContext &io) {
  const int64_t size = avio_rb32(&io);
  const uint32_t type = avio_rl32(&io);
  return {type, size == 1 ? static_cast<int64_t>(avio_rb64(&io)) : size};
}

}  // namespace

bool lacks_movie_index(const AVInputFormat &format, AVIOContext &io) {
  if (!std::string_view(format.name).starts_with("mov,")) return false;
  const int64_t end = avio_size(&io);
  if (end <= 0 || !(io.seekable & AVIO_SEEKABLE_NORMAL)) return false;
  int64_t at = 0;
  for (int i = 0; i < max_boxes; ++i) {
    if (avio_seek(&io, at, SEEK_SET) < 0) return false;
    const Box box = read_box(io);
    if (avio_feof(&io)) return io.error == 0;
    if (box.type == MKTAG('m', 'o', 'o', 'v')) return false;
    // The last one, or what was left of it.
    if (box.size == 0 || box.size >= end - at) return true;
    if (box.size < 8) return false;
    at += box.size;
  }
  return false;
}

}  // namespace spdl::ffmpeg
