namespace ForkGuard.Testing.Documentation;

/// <summary>A page that users read.</summary>
/// <param name="Name">Its path in the checkout.</param>
/// <param name="Text">Markdown.</param>
public sealed record Page(string Name, string Text)
{
    private const string Fence = "```";

    /// <summary>README.md and all of docs.</summary>
    public static IReadOnlyList<Page> All { get; } =
    [
        Read("README.md"),
        .. Directory
            .EnumerateFiles(Path.Combine(RepositoryPaths.Root, "docs"), "*.md")
            .Order(StringComparer.Ordinal)
            .Select(file => Read(Path.GetRelativePath(RepositoryPaths.Root, file))),
    ];

    /// <summary>The page with every flag, value and metric.</summary>
    public static Page Configuration => Read("docs/configuration.md");

    public static Page Read(string name) => new(name, File.ReadAllText(Path.Combine(RepositoryPaths.Root, name)));

    /// <summary>What is between two fences.</summary>
    public IEnumerable<Block> Blocks
    {
        get
        {
            string? kind = null;
            List<string> lines = [];
            foreach (string line in Text.Split('\n'))
            {
                if (!line.StartsWith(Fence, StringComparison.Ordinal))
                {
                    lines.Add(line);
                }
                else if (kind is null)
                {
                    kind = line[Fence.Length..];
                    lines = [];
                }
                else
                {
                    yield return new(kind, lines);
                    kind = null;
                    lines = [];
                }
            }
        }
    }

    /// <summary>The commands of the blocks that are marked <c>sh</c>: whatever is in them, a test runs.</summary>
    public IEnumerable<DocumentedCommand> Commands =>
        Blocks
            .Where(block => string.Equals(block.Kind, "sh", StringComparison.Ordinal))
            .SelectMany(block => DocumentedCommand.In(block.Lines));

    /// <summary>The rows below a table's head, which is the first after this heading.</summary>
    /// <returns>The cells of each, without the space around them.</returns>
    public IReadOnlyList<IReadOnlyList<string>> TableUnder(string heading) =>
        [
            .. Text.Split('\n')
                .SkipWhile(line => !string.Equals(line.TrimStart('#', ' '), heading, StringComparison.Ordinal))
                .SkipWhile(line => !line.StartsWith('|'))
                .TakeWhile(line => line.StartsWith('|'))
                .Skip(2)
                .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToList()),
        ];
}

/// <summary>What is between two fences.</summary>
/// <param name="Kind">What the first fence says, such as <c>yaml</c>; empty if nothing.</param>
/// <param name="Lines">Without the fences.</param>
public sealed record Block(string Kind, IReadOnlyList<string> Lines);
