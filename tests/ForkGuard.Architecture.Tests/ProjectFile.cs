using System.Xml.Linq;

namespace ForkGuard.Architecture.Tests;

/// <summary>What a project file asks for. References flow on, so the direct ones say everything.</summary>
internal sealed record ProjectFile(string Name, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages)
{
    public static ProjectFile Read(string file)
    {
        XDocument document = XDocument.Parse(SourceTree.Read(file));
        return new(
            Path.GetFileNameWithoutExtension(file),
            [.. Included(document, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path))],
            [.. Included(document, "PackageReference")]
        );
    }

    private static IEnumerable<string> Included(XDocument document, string item) =>
        document.Descendants(item).Select(element => element.Attribute("Include")?.Value).OfType<string>();
}
