"""What a slide does by itself: its film plays when the slide comes, again and again, and halts where it is clicked."""

from __future__ import annotations

TIMING = """\
<p:timing xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:tnLst><p:par>\
<p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst>{sequences}\
<p:video><p:cMediaNode vol="80000"><p:cTn id="2" repeatCount="indefinite" fill="hold" display="0">{never}</p:cTn>\
<p:tgtEl>{film}</p:tgtEl></p:cMediaNode></p:video></p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"""

PLAYS = """\
<p:seq concurrent="1" nextAc="seek"><p:cTn id="3" dur="indefinite" nodeType="mainSeq"><p:childTnLst>\
<p:par><p:cTn id="4" fill="hold"><p:stCondLst><p:cond delay="indefinite"/><p:cond evt="onBegin" delay="0">\
<p:tn val="3"/></p:cond></p:stCondLst><p:childTnLst><p:par><p:cTn id="5" fill="hold">{now}<p:childTnLst><p:par>\
<p:cTn id="6" presetID="1" presetClass="mediacall" presetSubtype="0" fill="hold" nodeType="afterEffect">{now}\
<p:childTnLst><p:cmd type="call" cmd="playFrom(0.0)"><p:cBhvr><p:cTn id="7" dur="{duration}" fill="hold"/>\
<p:tgtEl>{film}</p:tgtEl></p:cBhvr></p:cmd></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par>\
</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn>\
<p:prevCondLst><p:cond evt="onPrev" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:prevCondLst>\
<p:nextCondLst><p:cond evt="onNext" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:nextCondLst></p:seq>"""

HALTS = """\
<p:seq concurrent="1" nextAc="seek"><p:cTn id="8" restart="whenNotActive" fill="hold" evtFilter="cancelBubble" \
nodeType="interactiveSeq"><p:stCondLst>{clicked}</p:stCondLst><p:endSync evt="end" delay="0"><p:rtn val="all"/>\
</p:endSync><p:childTnLst><p:par><p:cTn id="9" fill="hold">{now}<p:childTnLst><p:par><p:cTn id="10" fill="hold">{now}\
<p:childTnLst><p:par><p:cTn id="11" presetID="2" presetClass="mediacall" presetSubtype="0" fill="hold" \
nodeType="clickEffect">{now}<p:childTnLst><p:cmd type="call" cmd="togglePause"><p:cBhvr>\
<p:cTn id="12" dur="1" fill="hold"/><p:tgtEl>{film}</p:tgtEl></p:cBhvr></p:cmd></p:childTnLst></p:cTn></p:par>\
</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn>\
<p:nextCondLst>{clicked}</p:nextCondLst></p:seq>"""


def timing(shape: int, seconds: float) -> str:
    """The `p:timing` of a slide on which the shape of a number is a film. Source: ECMA-376-1, 19.5."""
    film = f'<p:spTgt spid="{shape}"/>'
    words = {
        "film": film,
        "duration": max(1, round(1000 * seconds)),
        "now": '<p:stCondLst><p:cond delay="0"/></p:stCondLst>',
        "never": '<p:stCondLst><p:cond delay="indefinite"/></p:stCondLst>',
        "clicked": f'<p:cond evt="onClick" delay="0"><p:tgtEl>{film}</p:tgtEl></p:cond>',
    }
    return TIMING.format(sequences=PLAYS.format(**words) + HALTS.format(**words), **words)
