#include "workflow/report/html.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace proxseg {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Html, EscapesWhatMeansSomethingToABrowser) {
  EXPECT_EQ(escape_html(R"(<a b="c" d='e'>&</a>)"),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;&lt;/a&gt;");
  EXPECT_EQ(escape_html("Straße 5"), "Straße 5");
}

TEST(Html, PicturesAreBase64) {  // RFC 4648, 10
  EXPECT_EQ(jpeg_uri(""), "data:image/jpeg;base64,");
  EXPECT_EQ(jpeg_uri("f"), "data:image/jpeg;base64,Zg==");
  EXPECT_EQ(jpeg_uri("fo"), "data:image/jpeg;base64,Zm8=");
  EXPECT_EQ(jpeg_uri("foobar"), "data:image/jpeg;base64,Zm9vYmFy");
  EXPECT_EQ(jpeg_uri("\xff\xfe\xfd"), "data:image/jpeg;base64,//79");
}

TEST(Html, DataCannotEndItsElement) {
  const nlohmann::ordered_json data = {{"name", "</script><script>alert(1)</script>\xff"}};
  const std::string element = json_element("x", data);
  const size_t begin = element.find('>') + 1, end = element.rfind("</script>");
  const std::string inside = element.substr(begin, end - begin);
  EXPECT_THAT(inside, Not(HasSubstr("<")));
  EXPECT_EQ(nlohmann::json::parse(inside).at("name"),
            "</script><script>alert(1)</script>\xef\xbf\xbd");
}

TEST(Html, PagesMayRequestNothing) {
  const std::string page = html_page("a <b>", "<p>body</p>");
  EXPECT_THAT(page, HasSubstr("<title>a &lt;b&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("<p>body</p>"));
  EXPECT_THAT(page, HasSubstr("function drawCurves"));
  EXPECT_THAT(page, HasSubstr("color-scheme: light dark"));
  for (const char* outside : {"https://", "src=\"http", "@import", "fetch(", "XMLHttp"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside))) << outside;
  }
  EXPECT_THAT(page, Not(testing::ContainsRegex("url\\([^#]")));  // of the page itself alone
}

TEST(Html, OnlyALivePageLoadsItselfAgain) {
  const char* reload = "<noscript><meta http-equiv=\"refresh\" content=\"7\">";
  EXPECT_THAT(html_page("a", "b", 7), HasSubstr(reload));
  EXPECT_THAT(html_page("a", "b", 7), HasSubstr("data-refresh=\"7\""));
  EXPECT_THAT(html_page("a", "b"), Not(HasSubstr("http-equiv=\"refresh\"")));
}

TEST(Html, LinksAreRelativeToThePage) {
  EXPECT_EQ(relative_link("/runs/a b/report.html", "/runs/x/report.html"), "../a%20b/report.html");
  EXPECT_EQ(relative_link("/runs/x/t/report.html", "/runs/x/report.html"), "./t/report.html");
}

}  // namespace
}  // namespace proxseg
