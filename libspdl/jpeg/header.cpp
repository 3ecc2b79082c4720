// SPDX-License-Identifier: BSD-2-Clause
// The markers of ITU-T T.81, annex B. Stricter than decoders are: what they skip or guess at is
// damage here, and two decoders need not guess the same.
#include "jpeg/header.h"

#include <algorithm>
#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include "jpeg/exif.h"
#include "jpeg/segment.h"

namespace spdl::jpeg {
namespace {

#ifdef D_ARITH_CODING_SUPPORTED
constexpr bool has_arithmetic = true;
#else
constexpr bool has_arithmetic = false;
#endif

constexpr uint8_t soi = 0xd8, sos = 0xda;

// Gathers what the segments say. read() is false if a segment is damaged or not for the fast way.
class SegmentReader {
 public:
  bool read(uint8_t marker, Data segment);
  std::optional<Header> header() const;

 private:
  bool read_frame(uint8_t marker, Data segment);
  bool read_components(Data components);
  bool read_adobe(Data segment);

  Header header_;
  bool has_frame_ = false, has_quantization_ = false, has_huffman_ = false;
  bool is_rgb_ = false;
};

bool SegmentReader::read(uint8_t marker, Data segment) {
  switch (marker) {
    case 0xc0:  // baseline
    case 0xc1:  // extended sequential
    case 0xc2:  // progressive
    case 0xc9:  // sequential, arithmetic coding
    case 0xca:  // progressive, arithmetic coding
      return read_frame(marker, segment);
    case 0xc4:
      has_huffman_ = true;
      return true;
    case 0xdb:
      has_quantization_ = true;
      return true;
    case 0xcc:  // conditioning of arithmetic coding
    case 0xdd:  // restart interval
      return true;
    case 0xe1:
      if (const uint8_t orientation = exif_orientation(segment); header_.orientation == 1)
        header_.orientation = orientation;
      return true;
    case 0xee:
      return read_adobe(segment);
    case 0xfe:  // a comment by which FFmpeg knows samples of limited range
      return !has(segment, 0, "CS=ITU601");
    default:
      return marker >= 0xe0 && marker <= 0xef;  // APPn
  }
}

bool SegmentReader::read_frame(uint8_t marker, Data segment) {
  constexpr int fixed_size = 6, component_size = 3;
  if (has_frame_ || segment.size() < fixed_size || segment[0] != 8) return false;
  has_frame_ = true;
  header_.is_progressive = marker == 0xc2 || marker == 0xca;
  header_.is_arithmetic = marker >= 0xc9;
  header_.height = be16(segment, 1);
  header_.width = be16(segment, 3);
  header_.num_components = segment[5];
  const int largest = JPEG_MAX_DIMENSION;
  if (header_.width == 0 || header_.height == 0) return false;  // DNL would say the height
  if (header_.width > largest || header_.height > largest) return false;
  const Data components = segment.subspan(fixed_size);
  return components.size() == static_cast<size_t>(header_.num_components * component_size) &&
         (header_.is_arithmetic ? has_arithmetic : true) && read_components(components);
}

// Each: identifier, sampling factors (4 bits each, horizontal first), quantization table.
bool SegmentReader::read_components(Data components) {
  const auto factor_x = [&](size_t i) { return components[3 * i + 1] >> 4; };
  const auto factor_y = [&](size_t i) { return components[3 * i + 1] & 15; };
  const size_t n = components.size() / 3;
  for (size_t i = 0; i < n; ++i)
    if (factor_x(i) < 1 || factor_x(i) > 4 || factor_y(i) < 1 || factor_y(i) > 4) return false;
  if (n == 1) return true;
  if (n != 3 || factor_x(1) != factor_x(2) || factor_y(1) != factor_y(2)) return false;
  const auto ratio = [](int luma, int chroma) { return luma % chroma ? 0 : luma / chroma; };
  header_.chroma_ratio_x = ratio(factor_x(0), factor_x(1));
  header_.chroma_ratio_y = ratio(factor_y(0), factor_y(1));
  const auto is_taken = [](int r) { return r == 1 || r == 2 || r == 4; };
  is_rgb_ |= components[0] == 'R' && components[3] == 'G' && components[6] == 'B';
  return is_taken(header_.chroma_ratio_x) && is_taken(header_.chroma_ratio_y);
}

// Its last byte says what three components are: 0 RGB, 1 YCbCr. libjpeg heeds it only without a
// JFIF header, FFmpeg always.
bool SegmentReader::read_adobe(Data segment) {
  constexpr size_t transform = 11;
  if (!has(segment, 0, "Adobe")) return true;
  if (segment.size() <= transform) return false;
  if (segment[transform] != 1) is_rgb_ = true;
  return true;
}

std::optional<Header> SegmentReader::header() const {
  if (!has_frame_ || !has_quantization_ || !(has_huffman_ || header_.is_arithmetic))
    return std::nullopt;
  if (header_.num_components == 3 && is_rgb_) return std::nullopt;
  return header_;
}

}  // namespace

std::optional<Header> read_header(Data data) {
  if (data.size() < 2 || data[0] != 0xff || data[1] != soi) return std::nullopt;
  SegmentReader reader;
  for (Data rest = data.subspan(2);;) {
    if (rest.empty() || rest[0] != 0xff) return std::nullopt;
    const auto marker = std::ranges::find_if(rest, [](uint8_t byte) { return byte != 0xff; });
    rest = {marker, rest.end()};
    if (rest.size() < 3) return std::nullopt;
    if (rest[0] == sos) return reader.header();
    const size_t length = be16(rest, 1);  // counts itself
    if (length < 2 || length > rest.size() - 1) return std::nullopt;
    if (!reader.read(rest[0], rest.subspan(3, length - 2))) return std::nullopt;
    rest = rest.subspan(1 + length);
  }
}

}  // namespace spdl::jpeg
