using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ForkGuard.Strings;

/// <summary>Finds the string literals of a source file that a user may read: those of more than one word.</summary>
internal static class UserStrings
{
    /// <summary>Returns the texts in the order of the source, with interpolated expressions in braces and on one line each.</summary>
    internal static IEnumerable<string> Of(string source) =>
        CSharpSyntaxTree
            .ParseText(source)
            .GetRoot()
            .DescendantNodes(node => node is not ExpressionSyntax expression || TextOf(expression) is null)
            .OfType<ExpressionSyntax>()
            .Where(expression => !IsForCompiler(expression))
            .Select(TextOf)
            .OfType<string>()
            .Select(text => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))
            .Where(IsProse);

    /// <summary>The text of a literal, an interpolated string, or a sum of those; null for anything else.</summary>
    private static string? TextOf(ExpressionSyntax expression) =>
        expression switch
        {
            LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => literal
                .Token
                .ValueText,
            LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.Utf8StringLiteralExpression) => literal
                .Token
                .ValueText,
            InterpolatedStringExpressionSyntax interpolated => string.Concat(interpolated.Contents.Select(TextOf)),
            ParenthesizedExpressionSyntax parenthesized => TextOf(parenthesized.Expression),
            BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) => TextOf(sum.Left) is { } left
            && TextOf(sum.Right) is { } right
                ? left + right
                : null,
            _ => null,
        };

    private static string TextOf(InterpolatedStringContentSyntax content) =>
        content is InterpolatedStringTextSyntax text
            ? text.TextToken.ValueText
            : $"{{{((InterpolationSyntax)content).Expression}}}";

    private static bool IsForCompiler(ExpressionSyntax expression) =>
        expression.FirstAncestorOrSelf<AttributeSyntax>()?.Name.ToString() is "SuppressMessage";

    private static bool IsProse(string text) =>
        text.Split(' ').Count(word => word.Count(char.IsAsciiLetter) >= 2 && !word.StartsWith('{')) >= 2;
}
