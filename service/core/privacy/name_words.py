"""Words that help to tell names from other words: titles, parts of names, organisations, and words that are no name."""

from __future__ import annotations

PARTICLES = frozenset("van von de der den del della di da dos la le al el bin ibn ter ten mac mc o' st".split())
TITLES = frozenset("mr mrs ms miss mx dr prof professor sir dame rev revd cllr sgt mister".split())
LOWER_TITLES = frozenset("mr mrs".split())
ROLES = frozenset("nurse sister doctor matron".split())
ORGANISATION = frozenset(
    "hospital house ward centre center clinic unit road street university school foundation trust ltd inc llc "
    "group plc "
    "orchestra company team court lodge lane way avenue infirmary library college park hall airport council "
    "building site office store church society institute association bank stadium gardens close drive surgery hospice "
    "corporation corp co international system systems services partners solutions incorporated limited investments "
    "technologies consulting orchestra".split()
)
PLACE_WORDS = frozenset(
    "hospital ward house close unit centre center clinic road street lane court lodge surgery".split()
)
NOT_NAMES = frozenset(
    """
    i the a an and or but so if in on at to of for by with from as is are was were be been being it its he she they
    we you my our your their this that these those there here what when where who why how not no yes ok okay very
    all more most some any every each monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december christmas easter spring summer autumn
    winter boxing bank holiday covid coronavirus corona nhs gp gps hr ot cpn camhs mh ms adhd gdpr a&e ambulance
    ambulances hospital ward clinic pfizer moderna astrazeneca teams slack zoom outlook excel word sharepoint google
    microsoft amazon facebook whatsapp twitter instagram linkedin prolific mturk turk mechanical clickworker appen
    toloka reddit upwork fiverr chatgpt netflix youtube spotify xbox jira confluence
    trello asana workday figma salesforce miro webex copilot oracle servicenow zendesk qualtrics hubspot github gitlab
    mum mom dad mother father son daughter wife
    husband nan gran grandma grandad uncle aunt auntie brother sister baby nurse nurses matron doctor doctors dr
    consultant consultants physio physiotherapist psychologist psychiatrist therapist therapy paramedic paramedics
    driver drivers crew staff team manager managers management director directors ceo supervisor receptionist
    reception admin pharmacist pharmacy dentist midwife midwives carer carers patient patients healthcare health
    mental community service services support care caring helpful friendly professional polite excellent brilliant
    amazing superb fantastic great good lovely perfect outstanding wonderful calm kind quick quicker fast prompt
    efficient happy satisfied pleased thank thanks cheers please communication information info treatment transport
    appointment appointments medication group groups activities food coffee bar buzzer knowledge advocacy employ
    felt listened explained answer answered arrived arrival came everything everyone nothing none better best bad
    poor well always never could would should can will shall need needs less feel feels staffing training pay
    department finance marketing sales operations legal engineering logistics procurement payroll security
    facilities estates kitchen english british american european asian african polish indian muslim christian jewish
    hindu sikh catholic black white irish welsh scottish spanish french german italian chinese god jesus lord bless
    apt suite flat apartment room bay floor
    amen king queen president prime minister law cancer diabetes asthma autism stroke copd ecg mri ct iv bp ptsd bpd
    dna rvi qmc sms email text phone call calls app apps online web website survey question questions task tasks
    platform platforms study studies researcher researchers requester requesters worker however also although though
    because since after before did does do done due resulted ticked clearer medic drs personality xray problem
    problems disorder disorders syndrome bias guidelines guideline responder responders timescale told said got get
    had have has went gave made put see saw only just even still then than too such while same hello hi dear sir
    madam hey regards love congrats congratulations welcome sorry bravo wow
    """.split()
)
FOLLOWING_WORDS = frozenset(
    "who for from and which because has had have did does said told helped made gave at on".split()
)
PERSON_VERBS = frozenset(
    "is was has had always just lives lived said says told shouted spent began gave gives explained explains "
    "listened listens "
    "helped helps came went called rang supported supports looked treated arrived works worked never really should "
    "will leads led manages managed".split()
)
PLURAL_VERBS = frozenset("are were have both had always helped listened never really explained".split())
