// SPDX-License-Identifier: BSD-2-Clause
// What a JPEG says of itself, and what is left to FFmpeg.
#include "jpeg/header.h"

#include "expect.h"
#include "jpeg/exif.h"
#include "jpeg_encode.h"

using namespace spdl::unit;
using spdl::jpeg::exif_orientation;
using spdl::jpeg::Header;

namespace {

using namespace std::string_literals;

std::optional<Header> read(const std::string &bytes) {
  // Of its own size, so that a sanitizer sees what is read beyond it.
  const std::vector<uint8_t> exact(bytes.begin(), bytes.end());
  return spdl::jpeg::read_header(exact);
}
std::optional<Header> read(const Bytes &bytes) { return spdl::jpeg::read_header(bytes); }

std::string be16(size_t number) {
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

std::string segment(int marker, const std::string &payload) {
  return "\xff"s + static_cast<char>(marker) + be16(payload.size() + 2) + payload;
}

const std::string soi = "\xff\xd8"s;
const std::string tables = segment(0xdb, "q") + segment(0xc4, "h");
const std::string scan = segment(0xda, "s");

std::string frame(int marker, const std::string &components, int precision = 8,
                  const std::string &size = "\x00\x02\x00\x03"s) {
  return segment(marker, std::string(1, static_cast<char>(precision)) + size +
                             static_cast<char>(components.size() / 3) + components);
}

// Identifier, factors, table; three of them with the factors of luma and of both chromas.
std::string components(int luma, int cb, int cr, const std::string &names = "\1\2\3"s) {
  std::string all;
  for (const auto &[name, factors] :
       {std::pair{names[0], luma}, std::pair{names[1], cb}, std::pair{names[2], cr}})
    all += {name, static_cast<char>(factors), 0};
  return all;
}

const std::string gray = "\1\x11\0"s;
const std::string color = components(0x22, 0x11, 0x11);

std::string with(const std::string &frame_and_more) { return soi + tables + frame_and_more + scan; }

void taken() {
  const auto plain = read(with(frame(0xc0, gray)));
  EXPECT(plain && plain->width == 3 && plain->height == 2 && plain->num_components == 1);
  EXPECT(plain && plain->orientation == 1 && !plain->is_progressive && !plain->is_arithmetic);
  EXPECT(plain && plain->chroma_ratio_x == 1 && plain->chroma_ratio_y == 1);
  EXPECT(read(with(frame(0xc1, color))) && !read(with(frame(0xc1, color)))->is_progressive);
  EXPECT(read(with(frame(0xc2, color))) && read(with(frame(0xc2, color)))->is_progressive);
  EXPECT(read(with("\xff\xff"s + frame(0xc0, gray))));  // fill bytes
  EXPECT(read(with(segment(0xfe, "a comment") + segment(0xdd, "\0\1"s) + frame(0xc0, gray))));
  EXPECT(read(with(frame(0xc0, "\1\x42\0"s))));  // of gray, factors say nothing
  EXPECT_EQ(read(with(frame(0xc0, gray, 8, "\xff\xdc\xff\xdc"s)))->width, 65500);
}

void samplings() {
  for (const int x : {1, 2, 4})
    for (const int y : {1, 2, 4}) {
      const auto header = read(with(frame(0xc0, components(x << 4 | y, 0x11, 0x11))));
      EXPECT(header && header->chroma_ratio_x == x && header->chroma_ratio_y == y);
    }
  EXPECT(read(with(frame(0xc0, components(0x42, 0x21, 0x21))))->chroma_ratio_x == 2);
  EXPECT(read(with(frame(0xc0, components(0x31, 0x31, 0x31))))->chroma_ratio_x == 1);
  EXPECT(!read(with(frame(0xc0, components(0x31, 0x11, 0x11)))));  // three to one
  EXPECT(!read(with(frame(0xc0, components(0x31, 0x21, 0x21)))));
  EXPECT(!read(with(frame(0xc0, components(0x11, 0x21, 0x21)))));  // chroma is finer
  EXPECT(!read(with(frame(0xc0, components(0x12, 0x21, 0x21)))));
  EXPECT(!read(with(frame(0xc0, components(0x22, 0x11, 0x21)))));  // chromas differ
  EXPECT(!read(with(frame(0xc0, components(0x22, 0x11, 0x12)))));
  for (const int factors : {0x01, 0x10, 0x51, 0x15, 0xff})
    for (const auto &all : {components(factors, 0x11, 0x11), components(0x44, factors, factors),
                            "\1"s + static_cast<char>(factors) + "\0"s})
      EXPECT(!read(with(frame(0xc0, all))));
}

void colors() {
  const std::string jfif = segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0"s);
  const auto adobe = [](char transform) {
    return segment(0xee, "Adobe\0\x64\0\0\0\0"s + transform);
  };
  EXPECT(read(with(jfif + frame(0xc0, color))));
  EXPECT(read(with(adobe(1) + frame(0xc0, color))));
  EXPECT(read(with(segment(0xee, "other") + frame(0xc0, color))));
  EXPECT(read(with(adobe(0) + frame(0xc0, gray))));
  EXPECT(!read(with(adobe(0) + frame(0xc0, color))));
  EXPECT(!read(with(frame(0xc0, color) + adobe(0))));
  EXPECT(!read(with(jfif + adobe(0) + frame(0xc0, color))));
  EXPECT(!read(with(adobe(2) + frame(0xc0, color))));
  EXPECT(!read(with(segment(0xee, "Adobe") + frame(0xc0, color))));
  EXPECT(!read(with(frame(0xc0, components(0x11, 0x11, 0x11, "RGB")))));
  EXPECT(!read(with(frame(0xc0, color + gray))));
  EXPECT(!read(with(frame(0xc0, gray + gray))));
  EXPECT(!read(with(frame(0xc0, ""))));
  EXPECT(!read(with(segment(0xfe, "CS=ITU601") + frame(0xc0, color))));
}

void refused() {
  EXPECT(!read(""s) && !read("\xff"s) && !read("\xff\xd9"s) && !read("\x89PNG\r\n\x1a\n"s));
  for (const int marker : {0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf, 0xf7})
    EXPECT(!read(with(frame(marker, gray))));  // lossless, hierarchical, JPEG-LS
  EXPECT(!read(with(frame(0xc1, gray, 12))));
  EXPECT(!read(with(frame(0xc0, gray, 8, "\0\0\0\3"s))));
  EXPECT(!read(with(frame(0xc0, gray, 8, "\0\2\0\0"s))));
  EXPECT(!read(with(frame(0xc0, gray, 8, "\xff\xdd\0\3"s))));
  EXPECT(!read(with(frame(0xc0, gray) + frame(0xc0, gray))));
  EXPECT(!read(with("")));                        // no frame
  EXPECT(!read(soi + frame(0xc0, gray) + scan));  // no tables
  EXPECT(!read(soi + segment(0xdb, "q") + frame(0xc0, gray) + scan));
  EXPECT(!read(soi + segment(0xc4, "h") + frame(0xc0, gray) + scan));
  EXPECT(!read(with("junk" + frame(0xc0, gray))));  // what a decoder would skip
  EXPECT(!read(with("\xff\xd0"s + frame(0xc0, gray))));
  EXPECT(!read(with("\xff\xc0\x00\x01"s + frame(0xc0, gray))));
  EXPECT(!read(with("\xff\xe3\xff\xff"s + frame(0xc0, gray))));  // leads out of the file
  EXPECT(!read(with(segment(0xc0, "\x08\x00\x02\x00\x03\x01\x01\x11"s))));
  EXPECT(!read(with(segment(0xc0, "\x08\x00\x02\x00\x03\x01\x01\x11\x00\x00"s))));
  EXPECT(!read(with(segment(0xc0, "\x08\x00\x02"s))));
}

void every_cut() {
  const std::string whole = with(segment(0xe1, "Exif\0\0MM\0*"s) + frame(0xc0, color));
  const size_t first_scan = whole.size() - scan.size();
  for (size_t n = 0; n < whole.size(); ++n)
    EXPECT_EQ(read(whole.substr(0, n)).has_value(), n > first_scan + 3);
}

// --- EXIF
// -----------------------------------------------------------------------------------------

// A TIFF file of one directory at `at`.
class Tiff {
 public:
  explicit Tiff(bool is_little) : is_little_(is_little) {}

  std::string number(size_t value, int size) const {
    std::string bytes;
    for (int i = 0; i < size; ++i)
      bytes += static_cast<char>(value >> (8 * (is_little_ ? i : size - 1 - i)));
    return bytes;
  }
  std::string entry(size_t tag, size_t type, size_t count, const std::string &value) const {
    return number(tag, 2) + number(type, 2) + number(count, 4) + value +
           std::string(4 - value.size(), '\0');
  }
  std::string start(size_t at) const {
    return (is_little_ ? "II"s : "MM"s) + number(42, 2) + number(at, 4);
  }
  std::string file(const std::string &entries) const {
    return start(8) + number(entries.size() / 12, 2) + entries + number(0, 4);
  }
  std::string orientation(size_t value) const { return entry(0x112, 3, 1, number(value, 2)); }

 private:
  bool is_little_;
};

int orientation_of(const std::string &tiff) {
  const std::string segment = "Exif\0\0"s + tiff;
  const std::vector<uint8_t> exact(segment.begin(), segment.end());
  return exif_orientation(exact);
}

void orientations() {
  for (const bool is_little : {false, true}) {
    const Tiff tiff(is_little);
    const std::string make = tiff.entry(0x10f, 2, 4, "abc");
    for (size_t value = 0; value < 300; ++value) {
      const int expected = value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
      EXPECT_EQ(orientation_of(tiff.file(make + tiff.orientation(value))), expected);
    }
    EXPECT_EQ(orientation_of(tiff.file(tiff.entry(0x112, 4, 1, tiff.number(6, 4)))), 6);
    EXPECT_EQ(orientation_of(tiff.file(tiff.entry(0x112, 4, 1, tiff.number(65542, 4)))), 1);
    EXPECT_EQ(orientation_of(tiff.file(tiff.entry(0x112, 2, 1, tiff.number(6, 2)))), 1);
    EXPECT_EQ(orientation_of(tiff.file(tiff.entry(0x112, 3, 2, tiff.number(6, 2)))), 1);
    EXPECT_EQ(orientation_of(tiff.file(tiff.orientation(3) + tiff.orientation(6))), 3);
  }
}

void hostile_exif() {
  for (const bool is_little : {false, true}) {
    const Tiff tiff(is_little);
    const std::string whole = tiff.file(tiff.orientation(6));
    const size_t needed = 8 + 2 + 10;  // through the two bytes of the value
    for (size_t n = 0; n < whole.size(); ++n)
      EXPECT_EQ(orientation_of(whole.substr(0, n)), n >= needed ? 6 : 1);
    for (const size_t at : {size_t{0}, size_t{7}, whole.size() - 1, whole.size(),
                            size_t{0x7fffffff}, size_t{0xfffffffe}, size_t{0xffffffff}})
      EXPECT_EQ(orientation_of(tiff.start(at) + whole.substr(8)), 1);
    // A count that leads out of the segment.
    EXPECT_EQ(orientation_of(tiff.start(8) + tiff.number(65535, 2)), 1);
    EXPECT_EQ(orientation_of(tiff.start(8) + tiff.number(65535, 2) + tiff.orientation(5)), 5);
  }
  EXPECT_EQ(orientation_of("IM\x2a\x00\x08\x00\x00\x00"s), 1);
  EXPECT_EQ(int{exif_orientation({})}, 1);
}

// Through a file, where the segment stands behind another APP1 and is followed by one.
void orientation_of_files() {
  const auto exif = [](size_t value) {
    const Tiff tiff(true);
    return segment(0xe1, "Exif\0\0"s + tiff.file(tiff.orientation(value)));
  };
  const std::string xmp = segment(0xe1, "http://ns.adobe.com/xap/1.0/\0<x/>"s);
  EXPECT_EQ(int{read(with(xmp + exif(8) + xmp + frame(0xc0, gray)))->orientation}, 8);
  EXPECT_EQ(int{read(with(exif(6) + exif(3) + frame(0xc0, gray)))->orientation}, 6);

  Recipe recipe;
  const Tiff tiff(false);
  recipe.marker = 0xe1;
  recipe.payload = "Exif\0\0"s + tiff.file(tiff.orientation(7));
  EXPECT_EQ(int{read(encode(recipe))->orientation}, 7);
}

// What libjpeg itself writes.
void encoded() {
  Recipe recipe;
  recipe.luma_x = recipe.luma_y = 2;
  recipe.is_arithmetic = true;
#ifdef D_ARITH_CODING_SUPPORTED
  EXPECT(read(encode(recipe)) && read(encode(recipe))->is_arithmetic);
#endif
  recipe.is_arithmetic = false;
  EXPECT(read(encode(recipe)));
  recipe.has_tables = false;
  EXPECT(!read(encode(recipe)));
  for (const J_COLOR_SPACE colors : {JCS_RGB, JCS_CMYK}) {
    Recipe other;
    other.colors = colors;
    EXPECT(!read(encode(other)));
  }
}

}  // namespace

int main() {
  taken();
  samplings();
  colors();
  refused();
  every_cut();
  orientations();
  hostile_exif();
  orientation_of_files();
  encoded();
  return num_failed != 0;
}
