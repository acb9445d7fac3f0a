using System.Text;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>An API server whose answer is none of Kubernetes.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentNonsenseTests : AgentFaultTests
{
    /// <summary>Name, the bytes of the answer, and what the log says.</summary>
    public static TheoryData<string, byte[], string> Faults =>
        new()
        {
            { "no JSON", FakeApiServer.Http(200, "<html>"), "not a JSON report" },
            { "other JSON", FakeApiServer.Http(200, "{\"kind\":\"Status\"}"), "not the report of this node" },
            { "an array", FakeApiServer.Http(200, "[[[[[["), "not a JSON report" },
            { "no HTTP", Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.2\r\n\r\n"), "scans go on" },
            { "cut short", FakeApiServer.Http(200, "{}")[..^1], "scans go on" },
            { "too much", FakeApiServer.Http(200, new string(' ', 2_000_000)), "longer than a report" },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public Task It_goes_on_scanning_and_writes_once_it_can(string name, byte[] fault, string said) =>
        MustGoOnScanningAndWriteOnceItCanAsync(name, fault, said);
}
