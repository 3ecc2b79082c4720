// SPDX-License-Identifier: BSD-2-Clause
#include "base/text.h"

#include <algorithm>

namespace spdl {
namespace {

constexpr std::string_view gap = " … ";

// Length of the well-formed UTF-8 character at the front, or 0 (Unicode 15, table 3-7).
size_t character_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xc2   ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  const unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < least || byte(1) > most) return 0;
  for (size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  return length;
}

}  // namespace

size_t shorten(std::string_view text, char *to, size_t room) noexcept {
  const auto is_inside = [&](size_t i) { return (text[i] & 0xc0) == 0x80; };
  const auto put = [&](std::string_view part) { to = std::copy(part.begin(), part.end(), to); };
  if (text.size() <= room) {
    put(text);
    return text.size();
  }
  if (room <= gap.size()) {
    while (room > 0 && is_inside(room)) --room;
    put(text.substr(0, room));
    return room;
  }
  size_t head = (room - gap.size()) / 2;
  size_t tail = text.size() - (room - gap.size() - head);
  while (head > 0 && is_inside(head)) --head;
  while (tail < text.size() && is_inside(tail)) ++tail;
  put(text.substr(0, head));
  put(gap);
  put(text.substr(tail));
  return head + gap.size() + text.size() - tail;
}

std::string shorten(std::string_view text, size_t room) {
  std::string shortened(std::min(room, text.size()), '\0');
  shortened.resize(shorten(text, shortened.data(), shortened.size()));
  return shortened;
}

std::string make_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const size_t length = character_length(text);
    valid += length > 0 ? text.substr(0, length) : "\ufffd";
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return valid;
}

}  // namespace spdl
