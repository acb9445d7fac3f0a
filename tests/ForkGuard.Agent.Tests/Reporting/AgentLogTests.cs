using System.Text.Json.Nodes;
using ForkGuard.Agent.Reporting;

namespace ForkGuard.Agent.Tests.Reporting;

public sealed class AgentLogTests
{
    [Fact]
    public void A_line_has_the_time_and_the_message()
    {
        Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ cannot scan: ""x""\n$",
            Write("cannot scan: \"x\"", isJson: false)
        );
    }

    [Fact]
    public void A_JSON_line_has_the_fields_of_the_log_of_the_controller()
    {
        var line = Write("cannot scan: \"x\"\n", isJson: true);
        Assert.EndsWith("}\n", line, StringComparison.Ordinal);
        var entry = JsonNode.Parse(line)!;
        Assert.Equal("cannot scan: \"x\"\n", (string?)entry["Message"]);
        Assert.Equal("Information", (string?)entry["LogLevel"]);
        Assert.Equal("ForkGuard.Agent", (string?)entry["Category"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string?)entry["Timestamp"]);
    }

    private static string Write(string message, bool isJson)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new AgentLog(text, TimeProvider.System, isJson).Append(message);
        return text.ToString();
    }
}
