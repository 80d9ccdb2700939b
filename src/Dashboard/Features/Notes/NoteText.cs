using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.AspNetCore.Components;

namespace MlTr.Dashboard.Features.Notes;

/// <summary>
/// Notes as they are shown. What people write is Markdown and nothing else: HTML in it is text, a link leads to a web page, a mail address or a page of
/// this platform, and a picture is a link too, since to load it would tell its server who reads.
/// </summary>
internal static class NoteText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseTaskLists().UseAutoLinks().UseEmphasisExtras().DisableHtml().Build();

    public static MarkupString Render(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.IsImage = false;
            (link.GetDynamicUrl, link.Url) = (null, Safe(link.GetDynamicUrl?.Invoke() ?? link.Url));
        }

        foreach (var link in document.Descendants<AutolinkInline>())
        {
            link.Url = link.IsEmail ? link.Url : Safe(link.Url)!;
        }

        return (MarkupString)document.ToHtml(Pipeline);
    }

    /// <summary>The address, or one that leads nowhere.</summary>
    private static string Safe(string? url) => url switch
    {
        null or "" => "#",
        ['/', not '/' and not '\\', ..] or "/" => url,
        _ when Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "mailto" => url,
        _ => "#",
    };
}
