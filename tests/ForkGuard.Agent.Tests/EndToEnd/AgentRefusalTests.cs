namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>An API server that says no.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentRefusalTests : AgentFaultTests
{
    /// <summary>Name, the bytes of the answer, and what the log says.</summary>
    public static TheoryData<string, byte[], string> Faults =>
        new()
        {
            { "401", FakeApiServer.Status(401, "Unauthorized"), "HTTP 401: Unauthorized" },
            { "403", FakeApiServer.Status(403, "not yours"), "needs get on nodeforkreports and patch" },
            { "404", FakeApiServer.Status(404, "not found"), "the controller creates it" },
            { "409", FakeApiServer.Status(409, "changed meanwhile"), "HTTP 409: changed meanwhile" },
            { "429", FakeApiServer.Status(429, "too many", "Retry-After: 1\r\n"), "HTTP 429: too many" },
            { "500", FakeApiServer.Http(500, "<html>\u001b[31m"), "HTTP 500: <html>\\u001b[31m" },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public Task It_goes_on_scanning_and_writes_once_it_can(string name, byte[] fault, string said) =>
        MustGoOnScanningAndWriteOnceItCanAsync(name, fault, said);
}
