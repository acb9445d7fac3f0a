using System.Text.Json.Nodes;
using ForkGuard.Cli.Kubectl;
using YamlDotNet.Serialization;

namespace ForkGuard.Cli.Tests.Kubectl;

/// <summary>The formats of <c>-o</c>.</summary>
public class ObjectOutputTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two words: a \"quote\" and a \\", "\"two words: a \\\"quote\\\" and a \\\\\"")]
    [InlineData("größer ≤ 5", "\"größer ≤ 5\"")]
    [InlineData("\U0001F600 done", "\"\\U0001F600 done\"")]
    [InlineData("a\nb\tc\u001b[31m", "\"a\\nb\\tc\\u001B[31m\"")]
    [InlineData("\u0085\u2028\u202e\ufeff", "\"\\u0085\\u2028\\u202E\\uFEFF\"")]
    [InlineData("true", "\"true\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("", "\"\"")]
    public void A_text_is_the_same_after_a_reader_of_YAML(string text, string expected)
    {
        using var to = new StringWriter();
        ObjectOutput.Write(to, new JsonObject { ["text"] = text, ["list"] = new JsonArray(text) }, "yaml");
        Assert.StartsWith($"text: {expected}{to.NewLine}", to.ToString(), StringComparison.Ordinal);
        var read = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(to.ToString());
        Assert.Equal(text, read["text"]);
        Assert.Equal([text], (List<object>)read["list"]);
    }
}
