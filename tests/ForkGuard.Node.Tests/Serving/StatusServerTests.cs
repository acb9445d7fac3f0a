using System.Net;
using System.Net.Sockets;
using System.Text;
using ForkGuard.Node.Serving;

namespace ForkGuard.Node.Tests.Serving;

public sealed class StatusServerTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly StatusServer _server;
    private readonly Task _running;

    public StatusServerTests()
    {
        _server = new StatusServer(
            new IPEndPoint(IPAddress.Loopback, 0),
            path => path == "/healthz" ? StatusServer.Text(200, "ok\n") : null,
            TimeProvider.System
        );
        _server.Listen();
        _running = _server.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _server.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [InlineData("[::]:80", true, "[::]:80")]
    [InlineData("[::]:80", false, "0.0.0.0:80")]
    [InlineData("[::1]:80", false, "[::1]:80")]
    [InlineData("127.0.0.1:80", false, "127.0.0.1:80")]
    public void All_addresses_are_those_of_IPv4_where_the_machine_has_no_IPv6(
        string asked,
        bool hasIPv6,
        string available
    ) => Assert.Equal(available, StatusServer.Available(IPEndPoint.Parse(asked), hasIPv6).ToString());

    [Theory]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/healthz?verbose", HttpStatusCode.OK)]
    [InlineData("/elsewhere", HttpStatusCode.NotFound)]
    public async Task A_path_is_answered(string path, HttpStatusCode code)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(
            new Uri($"http://{_server.Endpoint}{path}"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(code, answer.StatusCode);
    }

    [Fact]
    public async Task Head_is_answered_without_a_body()
    {
        var answer = await AskAsync("HEAD /healthz HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 3\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /healthz HTTP/1.1\r\n\r\n")]
    [InlineData("GET /healthz\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001 hello TLS \r\n\r\n")]
    public async Task Anything_else_is_refused(string request) =>
        Assert.StartsWith("HTTP/1.1 400 ", await AskAsync(request), StringComparison.Ordinal);

    [Fact]
    public async Task A_request_without_an_end_is_refused() =>
        Assert.DoesNotContain("200", await AskAsync("GET /" + new string('x', 9000)), StringComparison.Ordinal);

    [Fact]
    public async Task Who_says_nothing_holds_nobody_up()
    {
        List<TcpClient> silent = [];
        try
        {
            for (var i = 0; i < 20; i++)
            {
                var client = new TcpClient();
                silent.Add(client);
                await client.ConnectAsync(_server.Endpoint, TestContext.Current.CancellationToken);
            }

            var answer = await AskAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    private async Task<string> AskAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.Endpoint, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var answer = new StreamReader(stream, Encoding.ASCII);
        try
        {
            return await answer.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
