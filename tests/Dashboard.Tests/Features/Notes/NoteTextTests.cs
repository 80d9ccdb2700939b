using MlTr.Dashboard.Features.Notes;

namespace MlTr.Dashboard.Tests.Features.Notes;

public sealed class NoteTextTests
{
    [Fact]
    public void Render_Markdown_IsShownAsSuch()
    {
        var html = NoteText.Render("# Why\n\n*less* `lr`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[paper](https://arxiv.org/abs/2106.06195) [trial](/sweeps/s/trials/1)").Value;

        Assert.Contains("<em>less</em>", html, StringComparison.Ordinal);
        Assert.Contains("<td>1</td>", html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://arxiv.org/abs/2106.06195\"", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/sweeps/s/trials/1\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("text <img src=x onerror=alert(1)> text")]
    [InlineData("<a href=\"javascript:alert(1)\">x</a>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](JaVaScRiPt:alert(1))")]
    [InlineData("[x](<\tjavascript:alert(1)>)")]
    [InlineData("[x](&#106;avascript:alert(1))")]
    [InlineData("[x](data:text/html,<script>alert(1)</script>)")]
    [InlineData("[x](vbscript:x)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("[x][1]\n\n[1]: javascript:alert(1)")]
    [InlineData("[x](//elsewhere.example/a)")]
    [InlineData("[x](/\\elsewhere.example/a)")]
    [InlineData("![x](https://elsewhere.example/pixel.png)")]
    [InlineData("[x](https://a.example \"a\\\" onmouseover=alert(1) b=\\\"\")")]
    [InlineData("`<b onclick=alert(1)>`\n\n```\n<script>alert(1)</script>\n```")]
    public void Render_WhatWouldRunOrLoad_IsTextOrLeadsNowhere(string markdown)
    {
        var parser = new AngleSharp.Html.Parser.HtmlParser();

        var shown = parser.ParseDocument("<body>" + NoteText.Render(markdown).Value).Body!;

        Assert.Empty(shown.QuerySelectorAll("script, img, iframe, object, style, form, input"));
        Assert.All(shown.QuerySelectorAll("*"), element => Assert.DoesNotContain(element.Attributes, attribute => attribute.Name.StartsWith("on", StringComparison.Ordinal)));
        Assert.All(shown.QuerySelectorAll("a"), link => Assert.Matches("^(https://|#$)", link.GetAttribute("href")!));
    }
}
