// The style and the scripts of src/report/page/, compiled in.
#pragma once

namespace proxseg {

const char* page_style();
const char* page_script();

}  // namespace proxseg
