// The server before clients that mean ill: they are refused or lose their connection, and others are answered.
#include "workflow/watch/http_server.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "proxseg/workflow/watch/page.h"
#include "support/expect_error.h"
#include "support/tcp_client.h"

namespace proxseg {
namespace {

using testing::HasSubstr;

class Server : public testing::Test {
 protected:
  void SetUp() override {
    if (!HttpServer::is_built_in()) GTEST_SKIP() << "built without libmicrohttpd";
  }

  static HttpResponse echo(const HttpRequest& request) {
    return {.body = request.method + " " + request.path + " " + request.body};
  }

  static HttpLimits strict() {
    HttpLimits limits;
    limits.body = 100;
    limits.connections = 12;
    limits.connections_each = 8;
    limits.seconds = 0.5;
    return limits;
  }

  static void expect_service(const HttpServer& server) {
    EXPECT_THAT(answer_of(server.port(), "GET", "/fine"), HasSubstr("GET /fine"));
  }
};

TEST_F(Server, AnswersRequestsWithTheirBodies) {
  const HttpServer server({"127.0.0.1", 0}, echo);
  EXPECT_THAT(answer_of(server.port(), "POST", "/a?b=c", "", "text"), HasSubstr("POST /a text"));
  const std::string head = answer_of(server.port(), "HEAD", "/a");
  EXPECT_EQ(status_of(head), 200);
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

TEST_F(Server, RefusesLargeBodiesAndThoseOfNoLength) {
  const HttpServer server({"127.0.0.1", 0}, echo, strict());
  EXPECT_EQ(status_of(answer_of(server.port(), "POST", "/", "", std::string(101, 'x'))), 413);
  EXPECT_EQ(status_of(answer_of(server.port(), "POST", "/", "", std::string(100, 'x'))), 200);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  const TcpClient announced(server.port()), chunked(server.port());
  announced.send(head + "Content-Length: 99999999999999999999999\r\n\r\n");
  EXPECT_NE(status_of(announced.receive()), 200);
  chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
  EXPECT_EQ(status_of(chunked.receive()), 411);
  expect_service(server);
}

TEST_F(Server, RefusesEndlessHeadsAndWhatIsNoRequest) {
  const HttpServer server({"127.0.0.1", 0}, echo, strict());
  for (const std::string& bytes :
       {"GET /" + std::string(200000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(200000, 'a') + "\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", 22),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string(5000, '\0'),
        std::string("\r\n\r\n\r\n")}) {
    const TcpClient client(server.port());
    client.send(bytes);
    EXPECT_NE(status_of(client.receive()), 200) << bytes.substr(0, 30);
  }
  expect_service(server);
}

TEST_F(Server, EndsRequestsThatNeverEnd) {
  const HttpServer server({"127.0.0.1", 0}, echo, strict());
  const TcpClient silent(server.port()), half(server.port()), unfinished(server.port());
  half.send("GET / HTTP/1.1\r\nHost:");
  unfinished.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc");
  for (const TcpClient* client : {&silent, &half, &unfinished}) {
    EXPECT_NE(status_of(client->receive()), 200);
  }
  // One that sends a byte now and then is never silent for long.
  const TcpClient slow(server.port());
  bool is_there = slow.send("GET / HTTP/1.1\r\nX: ");
  for (int i = 0; i < 1000 && is_there; ++i) {
    is_there = slow.send("a");
    ::usleep(20000);
  }
  EXPECT_FALSE(is_there) << "it was still heard after 20 seconds";
  expect_service(server);
}

TEST_F(Server, KeepsManyConnectionsOfOneFromFillingIt) {
  const HttpServer server({"127.0.0.1", 0}, echo, strict());
  std::vector<TcpClient> clients;
  for (int i = 0; i < 60; ++i) clients.emplace_back(server.port());
  for (const TcpClient& client : clients) EXPECT_EQ(client.receive(), "");  // all are ended
  // The server counts them out a moment after that.
  std::string answer;
  for (int i = 0; i < 200 && answer.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    answer = answer_of(server.port(), "GET", "/fine");
  }
  EXPECT_THAT(answer, HasSubstr("GET /fine"));
}

TEST_F(Server, AnErrorOfAnAnswerEndsNothing) {
  const HttpServer server({"127.0.0.1", 0}, [](const HttpRequest& request) -> HttpResponse {
    if (request.path == "/bad") throw std::runtime_error("a fault");
    return echo(request);
  });
  const std::string answer = answer_of(server.port(), "GET", "/bad");
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_THAT(answer, testing::Not(HasSubstr("a fault")));
  expect_service(server);
}

TEST_F(Server, SaysWhereItCannotListen) {
  const HttpServer server({"127.0.0.1", 0}, echo);
  expect_error(ExitCode::kOutput, {"cannot listen"}, [&] {
    HttpServer({"127.0.0.1", server.port()}, echo);
  });
  expect_error(ExitCode::kUsage, {"nowhere.invalid"}, [&] {
    HttpServer({"nowhere.invalid", 0}, echo);
  });
}

TEST(HttpAddress, IsReadFromText) {
  const auto expect_address = [](const char* text, const char* host, int port) {
    const HttpAddress address = parse_http_address(text);
    EXPECT_EQ(address.host, host);
    EXPECT_EQ(address.port, port);
  };
  expect_address("8080", "127.0.0.1", 8080);
  expect_address("0.0.0.0:80", "0.0.0.0", 80);
  expect_address("[::1]:8080", "::1", 8080);
  for (const char* text :
       {"", ":", "localhost", "localhost:", ":80", "::1:80", "a:70000", "a:-1", "a:8x"})
    EXPECT_THROW(parse_http_address(text), UsageError) << text;
}

TEST(HttpAddress, IsOfThisMachineAloneOrNot) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "localhost"})
    EXPECT_TRUE(is_loopback({host, 1}));
  for (const char* host : {"0.0.0.0", "192.168.1.1", "::"}) EXPECT_FALSE(is_loopback({host, 1}));
  EXPECT_TRUE(is_loopback({"::1", 1}));
}

}  // namespace
}  // namespace proxseg
